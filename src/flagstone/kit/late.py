"""Names bound as strings, so that a lower floor can call a higher one without importing it.

Few calls go upward (`MyFlow()` starts the command line, `MyFlow.run()` the engine, `Run("MyFlow/1")` finds the default
workspace, `flagstone.testing` asks for the wiring); all are bound in `flagstone/__init__.py` and nowhere else.
"""

import gc
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from flagstone.kit.light import import_msgspec

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

_bound: dict[str, str] = {}


def bind(name: str, target: str) -> None:
    """Bind `name` to `"module:attribute"`; nothing is imported until it is resolved."""
    _bound[name] = target


def resolve(name: str) -> Any:
    """Import and return what `name` is bound to. Raises KeyError for a name that nobody bound."""
    return load(_bound[name])


def load(target: str) -> Any:
    """Import `"module:attribute"`."""
    module, _, attribute = target.partition(":")
    return getattr(_imported(module), attribute)


def _imported(module: str) -> ModuleType:
    """Import without looking for garbage meanwhile: what an import makes stays, and looking costs time."""
    import_msgspec()
    if module in sys.modules or not gc.isenabled():
        return import_module(module)
    gc.disable()
    try:
        return import_module(module)
    finally:
        gc.enable()


def installed(group: str, name: str | None = None) -> Sequence["EntryPoint"]:
    """What installed packages offer in a group of entry points. The import alone takes milliseconds: ask late."""
    found: Sequence[EntryPoint] = tuple(load("importlib.metadata:entry_points")(group=group))
    return found if name is None else tuple(entry for entry in found if entry.name == name)


def registered(name: str, built_in: Mapping[str, str], group: str) -> Any:
    """What `name` stands for in a registry: built in, or installed under a group of entry points; None for neither."""
    if name in built_in:
        return load(built_in[name])
    return next((entry.load() for entry in installed(group, name)), None)


def registered_names(built_in: Iterable[str], group: str) -> list[str]:
    """Every name that `registered` knows, in order."""
    return sorted({*built_in, *(entry.name for entry in installed(group))})


def bound() -> dict[str, str]:
    """Every binding, for the test that resolves each of them."""
    return dict(_bound)
