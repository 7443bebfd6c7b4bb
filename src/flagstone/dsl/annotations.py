"""The types that a flow class declares for its artifacts, and the lines that declare them."""

import sys
import typing
from types import FunctionType
from typing import Any

from flagstone.dsl.source import text_of
from flagstone.dsl.syntax import class_called, parse
from flagstone.kit import late
from flagstone.model.errors import Location


def declared_types(cls: type) -> dict[str, Any]:
    """The annotations of a flow class and its bases by attribute, evaluated; those that cannot be are left out."""
    found: dict[str, Any] = {}
    for base in reversed(cls.__mro__):
        if not base.__module__.startswith("flagstone.dsl") and base is not object:
            for name, said in _said(base).items():
                found.pop(name, None)
                kind = _evaluated(said, base)
                if kind is not None and typing.get_origin(kind) is not typing.ClassVar:
                    found[name] = kind
    return found


def _said(base: type) -> dict[str, Any]:
    """The annotations of a class itself, as they are written: what `inspect.get_annotations` gives."""
    if sys.version_info >= (3, 14):  # from there on they are made when they are asked for
        made: dict[str, Any] = late.load("annotationlib:get_annotations")(base)
        return made
    return dict(vars(base).get("__annotations__", {}))


def _evaluated(said: Any, base: type) -> Any:
    """An annotation as an object; None for one that names what is not there when the flow runs."""
    if not isinstance(said, str):
        return type(None) if said is None else said
    module = sys.modules.get(base.__module__)
    try:
        return eval(said, dict(vars(module)) if module else {}, dict(vars(base)))
    except Exception:  # noqa: BLE001 - a name that only type checkers see, or any other expression of the user
        return None


def where_declared(cls: type, name: str) -> Location | None:
    """The line of an annotation; None when its source cannot be had."""
    for base in cls.__mro__:
        if name not in _said(base):
            continue
        module = sys.modules.get(base.__module__)
        functions = [value for value in vars(base).values() if isinstance(value, FunctionType)]
        file = functions[0].__code__.co_filename if functions else getattr(module, "__file__", None)
        text = text_of(file, vars(module) if module else None) if file else None
        if file is None or text is None:
            return None
        try:
            node = class_called(parse(text, file), base.__qualname__)
        except (SyntaxError, ValueError):
            return None
        for line in node.body if node else []:
            target = getattr(line, "target", None)
            if getattr(target, "id", None) == name:
                return Location(file, line.lineno)
    return None
