"""Steps one by one: their names, their arguments, and whether each says in a known form what comes next."""

import re

from flagstone.kit.text import listed
from flagstone.model.draft import Draft, StepDraft, Trouble, wrong
from flagstone.model.errors import InvalidGraph
from flagstone.model.plan import Transition

_NAME = re.compile(r"[a-z][a-z0-9_]*\Z")


def step_names(draft: Draft) -> None:
    """Names are lower-case ASCII letters, digits and underscores, and begin with a letter."""
    for step in draft.steps:
        if not _NAME.match(step.name):
            plain = re.sub(r"[^a-z0-9_]", "_", step.name.lower()).strip("_") or "my_step"
            raise wrong(
                step.step.where,
                f"a step cannot be called {step.name!r}: use lower-case letters (a to z), digits and _, a letter first",
                f"rename it, here and in self.next:\n    @step\n    def {plain}(self):",
            )


def arguments(draft: Draft) -> None:
    """A step is an ordinary method of `self`; a join takes `inputs` too, and does not split."""
    for step in draft.steps:
        if step.odd:
            raise _raised(step.odd)
        if step.arguments == 0:
            raise wrong(
                step.step.where, f"step {step.name!r} takes no arguments", f"write:\n    def {step.name}(self):"
            )
        if step.arguments > 2:
            raise wrong(
                step.step.where,
                f"step {step.name!r} takes {step.arguments} arguments: a step takes self, and a join takes inputs too",
                f"write `def {step.name}(self):`, or for a join `def {step.name}(self, inputs):`;"
                " pass values between steps as self.something",
            )
        if step.step.joins and (step.step.splits or step.step.transition is Transition.SWITCH):
            raise _joins_and_splits(step)


def _joins_and_splits(step: StepDraft) -> InvalidGraph:
    what = "splits" if step.step.splits else "chooses (a switch)"
    return wrong(
        step.next_where,
        f"step {step.name!r} is a join (it takes inputs) and also {what}: a join goes on with one step",
        f"put a step between:\n        self.next(self.after_{step.name})\n\n"
        f"    @step\n    def after_{step.name}(self):\n        (the self.next that stands here now)",
    )


def says_what_comes_next(draft: Draft) -> None:
    """Every step but the end ends with self.next."""
    for step in draft.steps:
        if step.missing and step is not draft.end:
            raise _raised(step.missing)
        if step.said is None and step is not draft.end:
            raise wrong(
                step.step.where,
                f"step {step.name!r} does not say what comes next: its last statement is not self.next(...)",
                f"end it with the step that follows, as in\n        self.next(self.{_following(draft, step)})",
            )


def _following(draft: Draft, step: StepDraft) -> str:
    place = draft.steps.index(step)
    return draft.steps[place + 1].name if place + 1 < len(draft.steps) else draft.end.name


def known_forms(draft: Draft) -> None:
    """Every self.next has one of the known forms."""
    for step in draft.steps:
        if step.invalid:
            raise _raised(step.invalid)


def known_targets(draft: Draft) -> None:
    """Every self.next names steps of this flow."""
    for step in draft.steps:
        for target in step.step.next:
            if target not in draft.named:
                raise wrong(
                    step.next_where,
                    f"step {step.name!r} goes on to {target!r}, and {draft.flow} has no step of this name",
                    _suggestion(draft, target),
                )


def _suggestion(draft: Draft, target: str) -> str:
    if target in draft.methods:
        return f"{target} is a method without @step; write\n    @step\n    def {target}(self):"
    import difflib  # costs two milliseconds, which only those pay who mistyped

    close = difflib.get_close_matches(target, draft.named, n=1)
    if close:
        return f"did you mean self.{close[0]}?"
    return f"its steps are {listed([step.name for step in draft.steps])}"


def _raised(trouble: Trouble) -> InvalidGraph:
    return wrong(trouble.where, trouble.problem, trouble.hint)
