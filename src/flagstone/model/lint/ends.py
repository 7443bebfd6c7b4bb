"""Where a flow begins and where it ends: one start, one end, nothing before the one, nothing after the other."""

from flagstone.kit.text import listed
from flagstone.model.draft import Draft, StepDraft, wrong

RESERVED = ("name", "next", "input", "index", "cmd", "script_name", "foreach_stack", "merge_artifacts")


def reserved_names(draft: Draft) -> None:
    """No step takes the name of something that `self` already has."""
    for step in draft.steps:
        if step.name in RESERVED:
            raise wrong(
                step.step.where,
                f"a step cannot be called {step.name!r}: self.{step.name} has a meaning of its own",
                f"call the step something else, here and in self.next:\n    @step\n    def my_{step.name}(self):",
            )


def one_start_one_end(draft: Draft) -> None:
    """There is one start and one end."""
    if not draft.steps:
        raise wrong(
            draft.where,
            f"{draft.flow} has no steps",
            "write at least one method with @step above it:\n    @step\n    def start(self):\n        print('hello')",
        )
    first, last = draft.steps[0].name, draft.steps[-1].name
    _exactly_one(
        draft,
        draft.starts,
        "start",
        f"call the first step `start`, or mark it:\n    @step(start=True)\n    def {first}(self):",
    )
    _exactly_one(
        draft,
        draft.ends,
        "end",
        "add one:\n    @step\n    def end(self):\n        pass\n"
        f"or mark the step that is the last one, without self.next:\n    @step(end=True)\n    def {last}(self):",
    )


def _exactly_one(draft: Draft, found: tuple[StepDraft, ...], role: str, hint: str) -> None:
    if not found:
        raise wrong(draft.where, f"{draft.flow} has no {role} step", hint)
    if len(found) > 1:
        names = listed([repr(step.name) for step in found])
        raise wrong(
            found[1].step.where,
            f"{draft.flow} has {len(found)} {role} steps: {names} are all marked {role}=True",
            f"keep the mark on one of them and write a plain @step above {_others(found)}",
        )


def _others(found: tuple[StepDraft, ...]) -> str:
    return listed([step.name for step in found[1:]])


def marks_agree_with_names(draft: Draft) -> None:
    """No step is marked as the start (or the end) while another one is called so."""
    for role, found in (("start", draft.start), ("end", draft.end)):
        if found.name != role and role in draft.named:
            raise wrong(
                found.step.where,
                f"step {found.name!r} is marked {role}=True, and another step is called {role!r}",
                f"write a plain @step above {found.name}, or give the step called {role!r} another name",
            )


def nothing_before_the_start(draft: Draft) -> None:
    """No step leads to the start, and the end leads nowhere."""
    start, end = draft.start, draft.end
    for step in draft.steps:
        if start.name in step.step.next:
            raise wrong(
                step.next_where,
                f"step {step.name!r} leads back to the start step {start.name!r}",
                "a flow starts once: move what should happen again to a step of its own, after the start",
            )
    targets = [target for target in end.step.next if target in draft.named]
    if targets:
        raise wrong(
            end.next_where,
            f"the end step {end.name!r} goes on to {listed([repr(target) for target in targets])}",
            f"remove self.next from {end.name!r}, or mark the step that is the last one with @step(end=True)",
        )


def end_is_the_end(draft: Draft) -> None:
    """The end has no self.next of any kind, and is not a join."""
    end = draft.end
    said = end.said or (end.missing.where if end.missing else None)
    if said is not None:
        raise wrong(said, f"the end step {end.name!r} has a self.next", "nothing comes after the end: remove the line")
    if end.step.joins:
        raise wrong(
            end.step.where,
            f"the end step {end.name!r} takes inputs: the end cannot be a join",
            "let a join come before it:\n    @step\n    def join(self, inputs):\n"
            f"        self.next(self.{end.name})\n\n    @step\n    def {end.name}(self):",
        )
