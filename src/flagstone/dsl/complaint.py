"""An error as people read it: what is wrong, the line of their own file, and what to write instead."""

import os
import sys
from types import FrameType, TracebackType

from flagstone.dsl.source import line_of, shown
from flagstone.model.errors import FlagstoneError, Location

_OURS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "")


def describe(error: FlagstoneError) -> str:
    """Several lines of plain text: the headline and what happened, the place with its source line, the hint."""
    headline, what = error.headline, error.message_text
    parts = [f"{headline}: {what}" if headline else what]
    if error.where is not None:
        parts.append(_indented(excerpt(error.where)))
    if error.hint:
        parts.append(_indented(error.hint[:1].upper() + error.hint[1:]))
    return "\n\n".join(parts)


def excerpt(where: Location) -> str:
    """`flow.py:12`, the line itself, and a mark under it; only the first when the line cannot be had."""
    place = f"{shown(where.file)}:{where.line}"
    line = line_of(where.file, where.line).expandtabs(4)
    if not line.strip():
        return place
    number = str(where.line)
    indent = len(line) - len(line.lstrip())
    mark = " " * indent + "^" * (len(line) - indent)
    return f"{place}\n  {number} | {line}\n  {' ' * len(number)} | {mark}"


def user_location(depth: int = 0) -> Location | None:
    """The innermost line outside this package that led here, `depth` of the user's frames further out.

    None when there is no such frame.
    """
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if not is_ours(frame.f_code.co_filename):
            if depth == 0:
                return Location(frame.f_code.co_filename, frame.f_lineno)
            depth -= 1
        frame = frame.f_back
    return None


def is_ours(file: str) -> bool:
    """Whether a file belongs to this package."""
    return file.startswith((_OURS, "<frozen "))


def install_hook() -> None:
    """Let an error of ours that nobody catches end the program with `describe`, not with a traceback.

    Everything else goes to the hook that was there before; the exit status stays 1. Calling it again is harmless.
    """
    if isinstance(sys.excepthook, _Hook):
        return
    sys.excepthook = _Hook()


class _Hook:
    """A `sys.excepthook` that remembers the one before it."""

    def __init__(self) -> None:
        self._before = sys.excepthook

    def __call__(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if isinstance(error, FlagstoneError):
            sys.stderr.write(describe(error) + "\n")
        else:
            self._before(kind, error, trace)


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" if line else "" for line in text.split("\n"))
