"""What one forked task had to import, the zygote imports too, so that the next task finds it there.

Only modules whose import does nothing but define things: the standard library's, Flagstone's own and those of the
packages below once the user's module has imported the package itself. Never the user's own modules: what they do when
they are imported is theirs to repeat in every task.
"""

import contextlib
import os
import sys
from collections.abc import Iterable
from importlib import import_module
from typing import Final

_OWN: Final = frozenset({"flagstone", "blake3", "cloudpickle", "msgspec", "zstandard"})
_QUIET: Final = frozenset({"numpy", "pandas", "polars", "pyarrow", "scipy", "sklearn"})
_STANDARD: Final = os.path.dirname(os.__file__) + os.sep
_ADDED: Final = tuple(_STANDARD + name + os.sep for name in ("site-packages", "dist-packages"))


class Preload:
    """Knows what was loaded when it was made, before the fork."""

    def __init__(self) -> None:
        self._count = len(sys.modules)
        self._known = frozenset(sys.modules)

    def news(self) -> tuple[str, ...]:
        """The modules that were imported since and that may be imported beforehand, in that order."""
        if len(sys.modules) == self._count:
            return ()
        return tuple(name for name in list(sys.modules) if name not in self._known and self._is_harmless(name))

    def _is_harmless(self, name: str) -> bool:
        package = name.partition(".")[0]
        if package in _OWN or (package in _QUIET and package in self._known):
            return True
        spec = getattr(sys.modules[name], "__spec__", None)
        origin = getattr(spec, "origin", None)
        if origin in ("built-in", "frozen"):
            return True
        return isinstance(origin, str) and origin.startswith(_STANDARD) and not origin.startswith(_ADDED)


def load(names: Iterable[str]) -> None:
    """Import `names`; what cannot be imported here is left to the tasks."""
    for name in names:
        with contextlib.suppress(Exception):
            import_module(name)
