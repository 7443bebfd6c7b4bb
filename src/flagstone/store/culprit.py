"""Finds the part of a value that cannot be stored, so that the message can point at it."""

from collections.abc import Callable, Iterator, Mapping
from types import FunctionType, MethodType
from typing import Any

from flagstone.kit.text import preview
from flagstone.model.errors import FlagstoneError
from flagstone.store.description import type_name

_DEPTH = 30
_BOUND_TO_PROCESS = frozenset(
    ("builtins", "_thread", "_io", "socket", "_socket", "select", "threading", "weakref", "sqlite3", "mmap")
)


def describe(value: Any, error: BaseException, storable: Callable[[Any], bool]) -> str:
    """`['deep'][0] is a _thread.lock`: the path to the innermost part that is not `storable`, and what it is."""
    if isinstance(error, RecursionError) or isinstance(error.__cause__, RecursionError):
        return "it is nested too deeply"
    path, part = _innermost(value, storable)
    if isinstance(error, FlagstoneError):
        return f"{path}: {error.message_text}" if path else error.message_text
    name = type_name(type(part))
    article = "an" if name[0] in "aeiouAEIOU" else "a"
    if not path and not _is_known(part):
        return f"it is {article} {name}, which says: {type(error).__name__}: {error}"
    return f"{path or 'it'} is {article} {name}"


def _innermost(value: Any, storable: Callable[[Any], bool]) -> tuple[str, Any]:
    path, seen = "", {id(value)}
    for _ in range(_DEPTH):
        for step, part in _parts(value):
            if id(part) not in seen and not storable(part):
                seen.add(id(part))
                path, value = path + step, part
                break
        else:
            break
    return path, value


def _parts(value: Any) -> Iterator[tuple[str, Any]]:
    """The parts of a container or an object, each with what is written to get at it."""
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield f"[{preview(key, 40)}]", part
        for key in value:
            yield f" key {preview(key, 40)}", key
    elif isinstance(value, (list, tuple)):
        yield from ((f"[{index}]", part) for index, part in enumerate(value))
    elif isinstance(value, (set, frozenset)):
        yield from ((" element", part) for part in value)
    elif isinstance(value, MethodType):
        yield ".__self__", value.__self__
    elif isinstance(value, FunctionType):
        yield from _closure(value)
    if not isinstance(value, (type, FunctionType)) and not _pickles_itself(value):
        yield from ((f".{name}", part) for name, part in _attributes(value).items())


def _pickles_itself(value: Any) -> bool:
    """Whether its class says what pickle takes instead of its attributes: then they are not to blame."""
    return any("__reduce_ex__" in vars(kind) for kind in type(value).__mro__ if kind is not object)


def _closure(function: FunctionType) -> Iterator[tuple[str, Any]]:
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            yield f" closure variable {name}", cell.cell_contents
        except ValueError:
            continue  # an empty cell: the variable is not assigned yet
    for name in function.__code__.co_names:
        if name in function.__globals__:
            yield f" global {name}", function.__globals__[name]


def _attributes(value: Any) -> dict[str, Any]:
    found = dict(getattr(value, "__dict__", {}))
    for kind in type(value).__mro__:
        slots = kind.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            if hasattr(value, name):
                found[name] = getattr(value, name)
    return found


def _is_known(part: Any) -> bool:
    """Whether the type alone says why it cannot be stored: it lives in this process and nowhere else."""
    return type(part).__module__ in _BOUND_TO_PROCESS
