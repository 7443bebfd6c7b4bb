"""`StepMutator` and `FlowMutator`: change what decorators and parameters a flow has, before it becomes a plan.

Flow mutators come before step mutators, those of a base class before those of the class, and of several on one class
or step the innermost comes first: the outermost has the last word.
"""

from __future__ import annotations

import traceback
from typing import Any, TypeVar

from flagstone.dsl.complaint import is_ours
from flagstone.dsl.extensions import Extension, StepExtension, made
from flagstone.dsl.mutable import MutableFlow, MutableStep
from flagstone.dsl.shape import Applied
from flagstone.model.errors import FlagstoneError, InvalidDeclaration, Location, MutatorFailed

C = TypeVar("C", bound=type)


class StepMutator(StepExtension):
    """Derive from this for a decorator of steps that puts other decorators on its step, or takes some off.

    `pre_mutate` is called once configs are known, `mutate` once the command line is.
    """

    mutates = True

    def pre_mutate(self, mutable_step: MutableStep) -> None:
        """Called before parameters become options of the command line."""

    def mutate(self, mutable_step: MutableStep) -> None:
        """Called after the command line was read, before the flow becomes a plan."""

    @staticmethod
    def run_hook(hook: str, applied: Applied, flow: Any, step: str) -> None:
        """Call one hook for a step of a flow. Raises MutatorFailed."""
        _call(hook, applied, MutableFlow(flow, changing=False).step(step))


class FlowMutator(Extension):
    """Derive from this for a decorator of flows that changes parameters and decorators, also those of derived flows.

    `pre_mutate` is called once configs are known, and may change everything but the steps themselves; `mutate` is
    called once the command line is read, and may change the decorators of steps.
    """

    mutates = True

    def pre_mutate(self, mutable_flow: MutableFlow) -> None:
        """Called before parameters become options of the command line."""

    def mutate(self, mutable_flow: MutableFlow) -> None:
        """Called after the command line was read, before the flow becomes a plan."""

    def __call__(self, target: C) -> C:
        """Decorate a flow. Raises InvalidDeclaration for anything else."""
        if not self.stands_on(target):
            raise self.misplaced(repr(getattr(target, "__name__", target)))
        self.put_on(target)
        return target

    @classmethod
    def stands_on(cls, target: object) -> bool:
        """A class that derives from FlowSpec."""
        return isinstance(target, type) and hasattr(target, "__flagstone__")

    def put_on(self, target: C) -> C:
        """Write it down on the class; what is innermost comes first."""
        before: tuple[Applied, ...] = vars(target).get("__flagstone_mutators__", ())
        target.__flagstone_mutators__ = (*before, self.applied)  # type: ignore[attr-defined]  # classes take attributes
        target.__flagstone__.mutators.append(self.applied.again())  # type: ignore[attr-defined]  # every flow has it
        return target

    def misplaced(self, target: str) -> InvalidDeclaration:
        """The error for a flow mutator on what is no flow."""
        return InvalidDeclaration(
            problem=f"@{type(self).__name__} stands on {target}, which is not a flow",
            hint="write it above a class that derives from FlowSpec",
            where=self.applied.where,
        )

    @staticmethod
    def run_hook(hook: str, applied: Applied, flow: Any, step: str) -> None:
        """Call one hook for a flow. Raises MutatorFailed."""
        _call(hook, applied, MutableFlow(flow, changing=hook == "pre_mutate"))


def _call(hook: str, applied: Applied, what: MutableFlow | MutableStep) -> None:
    """Call a hook; one that was added too late for `pre_mutate` gets that first."""
    called = "init"
    try:
        if applied.instance is None:
            applied.instance = made(applied)
            called = "pre_mutate"
            if hook != called:
                applied.instance.pre_mutate(what)
        called = hook
        getattr(applied.instance, hook)(what)
    except FlagstoneError as error:
        error.where = error.where or applied.where
        raise
    except Exception as error:
        raise MutatorFailed(
            mutator=applied.kind.__name__,
            hook=called,
            error=f"{type(error).__name__}: {error}",
            where=_last_line(error) or applied.where,
        ) from error


def _last_line(error: Exception) -> Location | None:
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if not is_ours(frame.filename) and frame.lineno:
            return Location(frame.filename, frame.lineno)
    return None
