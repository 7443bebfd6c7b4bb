"""Decorators of steps: each writes one declaration down, and the middleware that owns it knows what it means."""

from collections.abc import Callable
from typing import Any, TypeVar, overload

from flagstone.dsl.delaying import delayable
from flagstone.dsl.step import declare, location_of
from flagstone.model.declarations import Needs
from flagstone.model.errors import InvalidDeclaration

F = TypeVar("F", bound=Callable[..., Any])


@overload
def resources(function: F) -> F: ...
@overload
def resources(
    *, cpu: float | None = None, memory: int | None = None, gpu: int | None = None, **later: Any
) -> Callable[[F], F]: ...
@delayable
def resources(
    function: Callable[..., Any] | None = None,
    *,
    cpu: float | None = None,
    memory: int | None = None,
    gpu: int | None = None,
    **later: Any,
) -> Callable[..., Any]:
    """What a task of this step needs: `cpu` cores (may be fractional), `memory` in MiB, `gpu` graphics processors.

    On this machine, tasks that together ask for more than there is wait for each other, and one that can never fit
    fails before anything runs. `disk` and `shared_memory` are accepted, for the back ends that know them.
    """

    def mark(function: Callable[..., Any]) -> Callable[..., Any]:
        where = location_of(function) if hasattr(function, "__code__") else None
        for name, value in (("cpu", cpu), ("memory", memory), ("gpu", gpu)):
            if value is not None and (type(value) not in (int, float) or value < 0):
                raise InvalidDeclaration(
                    problem=f"@resources({name}={value!r}): a number of at least 0 is expected", where=where
                )
        unknown = sorted(set(later) - {"disk", "shared_memory"})
        if unknown:
            raise InvalidDeclaration(
                problem=f"@resources does not know {unknown[0]!r}",
                hint="it takes cpu, memory, gpu, disk and shared_memory",
                where=where,
            )
        return declare(function, Needs(cpu=cpu, memory=None if memory is None else int(memory), gpu=gpu))

    return mark if function is None else mark(function)
