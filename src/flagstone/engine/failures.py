"""An exception as a record: type, message, and the traceback as Python prints it, without our own frames."""

import linecache
import os
import traceback
from collections.abc import Iterable
from pathlib import Path

from flagstone.kit.masking import masked
from flagstone.kit.text import encodable
from flagstone.model.errors import FlagstoneError, SetupError, UserError
from flagstone.model.jobs import Failure

_OURS = str(Path(__file__).parent.parent) + os.sep


def describe_exception(error: BaseException) -> Failure:
    """The record of an exception that ended an attempt."""
    linecache.checkcache()
    summary = traceback.TracebackException.from_exception(error, compact=True)
    _drop_our_frames(summary)
    kind = type(error)
    location = next(((frame.filename, frame.lineno or 0) for frame in reversed(summary.stack)), ("", 0))
    module = kind.__module__
    hint = error.hint if isinstance(error, FlagstoneError) else ""
    if isinstance(error, FlagstoneError) and error.where is not None:
        location = (error.where.file, error.where.line)
    return Failure(
        type=f"{module}.{kind.__qualname__}",
        message=encodable(masked(error.message_text if isinstance(error, FlagstoneError) else _text(error))),
        traceback=encodable(masked("".join(summary.format()))),
        file=encodable(location[0]),
        line=location[1],
        hint=encodable(masked(hint)),
        ours=isinstance(error, UserError | SetupError),
        kinds=tuple(f"{base.__module__}.{base.__qualname__}" for base in kind.__mro__[:-1]),
    )


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # noqa: BLE001 - a user's __str__ may raise anything
        return f"<{type(error).__name__}, whose text cannot be shown>"


def _drop_our_frames(summary: traceback.TracebackException) -> None:
    """Take our frames out of a traceback and of everything it was caused by; keep all when nothing would be left."""
    seen: set[int] = set()
    waiting: list[traceback.TracebackException | None] = [summary]
    while waiting:
        one = waiting.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        kept = [frame for frame in one.stack if not frame.filename.startswith(_OURS)]
        one.stack = traceback.StackSummary.from_list(kept)
        waiting.extend((one.__cause__, one.__context__))
        waiting.extend(_group(one))


def _group(one: traceback.TracebackException) -> Iterable[traceback.TracebackException]:
    return getattr(one, "exceptions", None) or ()
