"""Imports of libraries without what they look for and do not need here: a command line counts in milliseconds."""

import _thread
import sys


def import_msgspec() -> None:
    """Import msgspec without `typing_extensions`, which it takes when it is installed: a tenth of a whole small run.

    From Python 3.11 on, `typing` has each name that msgspec asks it for. Nothing is done while other threads run: one
    of them might import `typing_extensions` at that moment and be told that there is none.
    """
    if "msgspec" in sys.modules:
        return
    if "typing_extensions" not in sys.modules and sys.version_info >= (3, 11) and not _thread._count():
        sys.modules["typing_extensions"] = None  # type: ignore[assignment]  # Python's own sign for "not to be had"
        try:
            import msgspec  # noqa: F401 - the import is the purpose
        finally:
            del sys.modules["typing_extensions"]
