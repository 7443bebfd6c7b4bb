"""What holds for switches, foreach and gangs beyond balance: enough cases, something to do, the right neighbours."""

from flagstone.model.attempts import Catch
from flagstone.model.draft import Draft, StepDraft, wrong
from flagstone.model.lint.paths import balance
from flagstone.model.plan import Transition


def switches_choose(draft: Draft) -> None:
    """A switch has at least two cases."""
    for step in draft.steps:
        if step.step.transition is not Transition.SWITCH:
            continue
        cases = len(step.step.cases)
        if cases < 2:
            lacks = "one case" if cases else "no cases"
            only = step.step.next[0] if step.step.next else "a"
            raise wrong(
                step.next_where,
                f"the switch in step {step.name!r} has {lacks}: there is nothing to choose from",
                "write at least two, as in\n"
                f'        self.next({{"yes": self.{only}, "no": self.other}}, condition="choice")\n'
                f"or, without a choice,\n        self.next(self.{only})",
            )


def splits_do_something(draft: Draft) -> None:
    """No foreach, gang or branch leads straight into a join."""
    for step in draft.steps:
        for target in step.step.next if step.step.splits else ():
            if draft.named[target].step.joins:
                what = {
                    Transition.FOREACH: f"the foreach over {step.step.foreach!r}",
                    Transition.PARALLEL: "num_parallel",
                }.get(step.step.transition, "a branch")
                raise wrong(
                    step.next_where,
                    f"{what} in step {step.name!r} leads straight into the join {target!r}: no step does the work",
                    "put an ordinary step between:\n"
                    f"    @step\n    def work(self):\n        ...\n        self.next(self.{target})",
                )


def catches_go_on(draft: Draft) -> None:
    """No step that chooses or spreads out has @catch: after a failure nobody could say where to go on."""
    for step in draft.steps:
        what = CANNOT_CATCH.get(step.step.transition)
        if what is not None and step.step.declared(Catch) is not None:
            raise wrong(
                step.step.where,
                f"step {step.name!r} has @catch and {what}: after a failure nobody could say where to go on",
                "put what may fail into a step of its own, before this one, and @catch there",
            )


def catches_are_told_apart(draft: Draft) -> None:
    """What @catch leaves does not hide a step."""
    for step in draft.steps:
        catch = step.step.declared(Catch)
        if catch is not None and catch.var in draft.named:
            raise wrong(
                step.step.where,
                f"step {step.name!r} has @catch(var={catch.var!r}), and {catch.var} is a step: "
                "an artifact cannot have its name",
                'choose another name, as in @catch(var="failure")',
            )


CANNOT_CATCH = {
    Transition.FOREACH: "a foreach",
    Transition.PARALLEL: "num_parallel",
    Transition.SWITCH: "a switch",
}


def gangs_are_marked(draft: Draft) -> None:
    """The target of num_parallel is marked with @parallel."""
    for step in draft.steps:
        for target in step.step.next if step.step.transition is Transition.PARALLEL else ():
            if not draft.named[target].parallel:
                raise wrong(
                    step.next_where,
                    f"num_parallel in step {step.name!r} leads to {target!r}, which is not marked with @parallel",
                    f'write\n    @parallel\n    @step\n    def {target}(self):\nor use foreach="items"'
                    " when the tasks need not run at the same time",
                )


def gangs_are_joined(draft: Draft) -> None:
    """A @parallel step goes on with a join."""
    for step in draft.steps:
        if step.parallel and not _goes_to_a_join(draft, step):
            raise wrong(
                step.next_where,
                f"step {step.name!r} is marked with @parallel and is not followed by a join",
                "let a join follow:\n        self.next(self.join)\n\n    @step\n    def join(self, inputs):",
            )


def _goes_to_a_join(draft: Draft, step: StepDraft) -> bool:
    return step.step.transition is Transition.LINEAR and draft.named[step.step.next[0]].step.joins


def gangs_are_asked_for(draft: Draft) -> None:
    """A @parallel step is only reached through num_parallel."""
    for step in draft.steps:
        if not step.parallel:
            continue
        others = [parent for parent in draft.parents[step.name] if parent.step.transition is not Transition.PARALLEL]
        if others or step is draft.start:
            raise wrong(
                others[0].next_where if others else step.step.where,
                f"step {step.name!r} is marked with @parallel and is reached without num_parallel",
                f"write\n        self.next(self.{step.name}, num_parallel=4)\nor remove @parallel from {step.name}",
            )


def switches_stay_clear_of_joins(draft: Draft) -> None:
    """No case of a switch is a join: a rule for the schedulers that cannot go there."""
    for step in draft.steps:
        for target in step.step.next if step.step.transition is Transition.SWITCH else ():
            if draft.named[target].step.joins:
                raise wrong(
                    step.next_where,
                    f"a case of the switch in step {step.name!r} leads straight to the join {target!r}",
                    "put an ordinary step between:\n"
                    f"    @step\n    def before_{target}(self):\n        self.next(self.{target})",
                )


def foreach_is_not_nested(draft: Draft) -> None:
    """No foreach lies inside a foreach: a rule for the back ends that cannot nest them."""
    around = balance(draft).around
    for step in draft.steps:
        outer = [branch.split for branch in around[step.name] if draft.named[branch.split].step.foreach]
        if step.step.foreach and outer:
            raise wrong(
                step.next_where,
                f"the foreach in step {step.name!r} lies inside the foreach in step {outer[-1]!r},"
                " and this back end cannot nest them",
                "make one list of all pairs, as in\n        self.pairs = [(x, y) for x in xs for y in ys]",
            )
