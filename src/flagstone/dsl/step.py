"""`@step`: marks a method as a step. It changes nothing about the function: it only writes down what it is."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, overload

from flagstone.dsl.complaint import install_hook, user_location
from flagstone.dsl.shape import StepMark
from flagstone.model.errors import (
    BadStepDecoratorException,
    DuplicateStepDecoratorException,
    InvalidDeclaration,
    Location,
)

if TYPE_CHECKING:  # only named in annotations: a command line starts without them
    from flagstone.model.declarations import AnyDeclaration

F = TypeVar("F", bound=Callable[..., Any])

ISOLATIONS = ("fork", "worker", "spawn")


def location_of(function: Callable[..., Any]) -> Location:
    """Where a function is defined: the line of its first decorator."""
    code = function.__code__
    return Location(code.co_filename, code.co_firstlineno)


def declare(function: F, declaration: "AnyDeclaration") -> F:
    """Add a declaration to a step. Raises InvalidDeclaration for anything but a step, and for a second of its kind."""
    install_hook()
    name = declaration.called()
    where = location_of(function) if hasattr(function, "__code__") else user_location()
    if not hasattr(function, "__flagstone_step__"):
        raise BadStepDecoratorException(
            problem=f"@{name} stands on {getattr(function, '__name__', function)!r}, which is not a step",
            hint="write @step directly above `def`, and every other decorator above @step",
            where=where,
        )
    before: tuple[AnyDeclaration, ...] = getattr(function, "__flagstone_declarations__", ())
    if not declaration.several and any(type(d) is type(declaration) for d in before):
        raise DuplicateStepDecoratorException(
            problem=f"step {function.__name__!r} has @{name} twice", hint="keep one of them", where=where
        )
    function.__flagstone_declarations__ = (*before, declaration)  # type: ignore[attr-defined]  # functions take attributes
    return function


@overload
def step(function: F) -> F: ...
@overload
def step(*, start: bool = False, end: bool = False, isolation: str | None = None) -> Callable[[F], F]: ...
def step(
    function: Callable[..., Any] | None = None, *, start: bool = False, end: bool = False, isolation: str | None = None
) -> Callable[..., Any]:
    """Mark a method of a flow as a step.

    `start` and `end` make it the first or the last one under any name. `isolation` is how its tasks get their
    process: "fork" (the default: one forked process a task), "worker" (a process runs task after task: faster, but
    what a task leaves behind in memory is seen by the next), or "spawn" (a fresh interpreter a task).
    """

    def mark(function: Callable[..., Any]) -> Callable[..., Any]:
        install_hook()
        if not hasattr(function, "__code__"):
            raise InvalidDeclaration(
                problem=f"@step stands above another decorator, {type(function).__name__}",
                hint="write @step directly above `def`, and every other decorator above @step",
                where=user_location(),
            )
        where = location_of(function)
        if isolation is not None and isolation not in ISOLATIONS:
            raise InvalidDeclaration(
                problem=f"isolation={isolation!r} is not known",
                hint=f"write one of {', '.join(ISOLATIONS)}",
                where=where,
            )
        function.__flagstone_step__ = StepMark(where, start, end, isolation)  # type: ignore[attr-defined]
        return function

    return mark if function is None else mark(function)
