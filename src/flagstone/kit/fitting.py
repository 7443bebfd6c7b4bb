"""Whether a value fits a type annotation: a quick look that never walks through a large value."""

import types
import typing
from collections import abc
from itertools import islice
from typing import Any

from flagstone.kit.text import preview

_FIRST = 8  # elements of a container that are looked at
_DEEP = 3  # containers inside each other that are looked into
_WIDER: dict[Any, tuple[type, ...]] = {float: (float, int), complex: (complex, float, int)}
_WRAPPERS = (typing.Final, typing.Required, typing.NotRequired)
_LOOKED_INTO = (list, tuple, set, frozenset, dict)  # going through anything else may have effects


def misfit(value: object, kind: Any, depth: int = 0) -> str | None:
    """What a value is instead of what the annotation says; None when it fits, and when that cannot be told.

    Of containers the first elements are looked at. As for type checkers an int is a float; numpy's numbers are numbers.
    """
    if depth > _DEEP or kind is Any:
        return None
    if kind is None:
        kind = type(None)
    origin = typing.get_origin(kind)
    if origin is typing.Annotated or origin in _WRAPPERS:
        return misfit(value, typing.get_args(kind)[0], depth)
    if origin is typing.Literal:
        same = any(value == one and type(value) is type(one) for one in typing.get_args(kind))
        return None if same else preview(value, 60)
    if origin in (typing.Union, types.UnionType):
        return _of_union(value, typing.get_args(kind), depth)
    if hasattr(kind, "__supertype__"):  # NewType
        return misfit(value, kind.__supertype__, depth)
    plain = origin or kind
    if not isinstance(plain, type) or getattr(plain, "_is_protocol", False):
        return None
    if not _is_a(value, plain):
        return named(type(value))
    return _of_elements(value, typing.get_args(kind), depth)


def _of_union(value: object, kinds: tuple[Any, ...], depth: int) -> str | None:
    answers = [misfit(value, one, depth) for one in kinds]
    if None in answers:
        return None
    told = [answer for answer in answers if answer is not None]
    return max(told, key=len)  # the alternative that fits best says the most


def _is_a(value: object, kind: type) -> bool:
    if typing.is_typeddict(kind):
        kind = dict
    try:
        if isinstance(value, _WIDER.get(kind, kind)):
            return True
    except TypeError:  # a class that does not want to be asked
        return True
    return _is_numpy_scalar(value) and isinstance(value.item(), _WIDER.get(kind, kind))  # type: ignore[attr-defined]  # it is one of those that have it


def _is_numpy_scalar(value: object) -> bool:
    kinds = type(value).__mro__
    return any(kind.__name__ == "generic" and kind.__module__ == "numpy" for kind in kinds)


def _of_elements(value: object, kinds: tuple[Any, ...], depth: int) -> str | None:
    """What is wrong with one of the first elements of a container."""
    if not kinds or type(value) not in _LOOKED_INTO:
        return None
    outer = named(type(value))
    if isinstance(value, dict):
        if len(kinds) != 2:
            return None
        for key, item in islice(value.items(), _FIRST):
            if (wrong := misfit(key, kinds[0], depth + 1)) is not None:
                return f"{outer} with the key {preview(key, 30)} ({wrong})"
            if (wrong := misfit(item, kinds[1], depth + 1)) is not None:
                return f"{outer} with {wrong} at {preview(key, 30)}"
        return None
    elements = list(islice(typing.cast("abc.Iterable[object]", value), _FIRST))
    if isinstance(value, tuple) and not (len(kinds) == 2 and kinds[1] is Ellipsis):
        wanted = () if kinds == ((),) else kinds
        if len(wanted) != len(value):
            return f"{outer} of {len(value)}"
        pairs = list(zip(elements, wanted, strict=False))
    else:
        pairs = [(element, kinds[0]) for element in elements]
    for place, (element, kind) in enumerate(pairs):
        if (wrong := misfit(element, kind, depth + 1)) is not None:
            return f"{outer} with {wrong}" + (f" at [{place}]" if isinstance(value, list | tuple) else "")
    return None


def named(kind: Any) -> str:
    """A type as people write it: without `builtins`, `typing` and `__main__`."""
    if isinstance(kind, type) and typing.get_origin(kind) is None:
        module = "" if kind.__module__ in ("builtins", "__main__") else f"{kind.__module__}."
        return "None" if kind is type(None) else f"{module}{kind.__qualname__}"
    return str(kind).replace("typing.", "").replace("__main__.", "")
