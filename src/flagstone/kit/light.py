"""Imports of libraries without what they look for and do not need here: a command line counts in milliseconds.

Nothing is kept from anybody while other threads run: one of them might ask for it at that moment.
"""

import _thread
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any


def import_msgspec() -> None:
    """Import msgspec without `typing_extensions`, which it takes when it is installed: a tenth of a whole small run.

    From Python 3.11 on, `typing` has each name that msgspec asks it for.
    """
    if "msgspec" in sys.modules or "typing_extensions" in sys.modules or _thread._count():
        return
    sys.modules["typing_extensions"] = None  # type: ignore[assignment]  # Python's own sign for "not to be had"
    try:
        import msgspec  # noqa: F401 - the import is the purpose
    finally:
        del sys.modules["typing_extensions"]


@contextmanager
def without_threading() -> Iterator[None]:
    """Import in here a library that wants no more than `threading.local`, without `threading`.

    A process that has `threading` runs 25 functions of it after every fork, and copies the memory that they touch: a
    tenth of the time of a small forked task.
    """
    if "threading" in sys.modules or _thread._count():
        yield
        return
    stand_in = _Threading("threading")
    sys.modules["threading"] = stand_in
    try:
        yield
    finally:
        if sys.modules.get("threading") is stand_in:
            del sys.modules["threading"]


class _Threading(ModuleType):
    """`threading` for who needs only `local`; anything else is the real module's, which is imported then."""

    local = _thread._local

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if sys.modules.get("threading") is self:
            del sys.modules["threading"]
        return getattr(import_module("threading"), name)
