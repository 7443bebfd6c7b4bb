"""Values that a config will give: knows them where they stand, and postpones the decorators that are given them."""

from collections.abc import Callable, Mapping
from functools import update_wrapper
from typing import Any, NamedTuple, TypeVar, cast

D = TypeVar("D", bound=Callable[..., Any])


class Postponed(NamedTuple):
    """A decorator with arguments that are not known yet: it is called again, in its place, when they are."""

    decorator: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]


def is_delayed(value: Any) -> bool:
    """Whether this is a config, a part of one, or a `config_expr`."""
    return getattr(type(value), "__flagstone_delayed__", False) is True


def holds_delayed(value: Any) -> bool:
    """Whether such a value is this one, or lies in it: in lists, tuples, sets and dicts."""
    if is_delayed(value):
        return True
    if isinstance(value, dict):
        return any(map(holds_delayed, value.values())) or any(map(is_delayed, value))
    return isinstance(value, list | tuple | set | frozenset) and any(map(holds_delayed, value))


def is_waiting(declaration: Any) -> bool:
    """Whether what a decorator says cannot be known yet: it was postponed, or a field waits for a config."""
    if isinstance(declaration, Postponed):
        return True
    return any(holds_delayed(getattr(declaration, name)) for name in declaration.__struct_fields__)


def delayable(decorator: D) -> D:
    """Let a decorator of steps or flows take values of configs: it then runs when they are known.

    A decorator without this takes them too as long as it only writes its arguments into a declaration, unread.
    """

    def call(*args: Any, **kwargs: Any) -> Any:
        if not (holds_delayed(args) or holds_delayed(kwargs)):
            return decorator(*args, **kwargs)
        return lambda target: postpone(target, Postponed(decorator, args, kwargs))

    return cast("D", update_wrapper(call, decorator))


def postpone(target: Any, what: Postponed) -> Any:
    """Leave a decorator's place on a step, or on a flow, until the configs are known."""
    if isinstance(target, type):
        shape = target.__flagstone__  # type: ignore[attr-defined]  # a flow decorator stands on a flow
        shape.postponed.append(what)
        return target
    before: tuple[Any, ...] = getattr(target, "__flagstone_declarations__", ())
    target.__flagstone_declarations__ = (*before, what)
    return target
