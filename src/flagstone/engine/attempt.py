"""One try at a step, and the chain of middleware around it."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Protocol

from msgspec import Struct

from flagstone.dsl.flow import FlowSpec
from flagstone.dsl.inputs import Inputs
from flagstone.model.declarations import Isolation, Needs
from flagstone.model.declaring import Declaration
from flagstone.model.errors import InvalidDeclaration
from flagstone.model.jobs import Job, RunContext
from flagstone.model.plan import Plan, Step

Proceed = Callable[[], None]


class Attempt(Struct):
    """What a middleware sees."""

    context: RunContext
    job: Job
    step: Step
    flow: FlowSpec
    notices: list[str]
    inputs: Inputs | None = None  # of a join


class Middleware(Protocol):
    """One concern of attempts: of those of steps that declare what it understands, or of all when that is nothing."""

    understands: ClassVar[tuple[type[Declaration], ...]]

    def wrap(self, attempt: Attempt, proceed: Proceed) -> None:
        """Do something before or after `proceed()`, which runs the rest of the chain."""


ENGINE_UNDERSTANDS: tuple[type[Declaration], ...] = (Needs, Isolation)  # the scheduler admits, compute isolates


def concerned(chain: Sequence[Middleware], step: Step) -> tuple[Middleware, ...]:
    """The part of a chain that a step needs. What a task does not run, its process need not copy."""
    return tuple(one for one in chain if not one.understands or any(map(step.declared, one.understands)))


def run_chain(chain: Sequence[Middleware], attempt: Attempt, step: Callable[[], Any]) -> None:
    """Run the step inside all middleware, the first of `chain` outermost."""
    if not chain:
        step()
        return
    chain[0].wrap(attempt, lambda: run_chain(chain[1:], attempt, step))


def check_declarations(plan: Plan, chain: Sequence[Middleware]) -> None:
    """Every declaration has an owner. Raises InvalidDeclaration for one that nobody understands."""
    known = ENGINE_UNDERSTANDS + tuple(kind for middleware in chain for kind in middleware.understands)
    for step in plan.steps:
        for declaration in step.declarations:
            if not isinstance(declaration, known):
                raise InvalidDeclaration(
                    problem=f"nothing here understands {type(declaration).__name__} on step {step.name!r}",
                    hint="remove the decorator, or install the package that brings it",
                    where=step.where,
                )
