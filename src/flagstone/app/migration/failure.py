"""Why an old attempt failed, out of what it stored about its exception."""

import re
from typing import Any

from flagstone.app.migration.inert import StandIn
from flagstone.app.migration.layout import OldAttempt
from flagstone.model.jobs import Failure

_FRAME = re.compile(r'  File "(?P<file>[^"]+)", line (?P<line>\d+)')
_THEIRS = re.compile(r"[/\\]metaflow[/\\]")  # the frames of the system itself: they say nothing about the flow


def failure_of(attempt: OldAttempt) -> Failure:
    """The exception that the attempt stored, or that it told nothing. Raises Damaged."""
    stored = attempt.value("_exception")
    state: dict[str, Any] = stored.state if isinstance(stored, StandIn) else {}
    if not state:
        code = "" if attempt.is_done else ", and its process left no word about why"
        return Failure("metaflow.TaskFailed", f"the attempt failed{code}", "")
    trace, file, line = _shortened(str(state.get("stacktrace") or ""))
    return Failure(str(state.get("type") or "Exception"), str(state.get("exception") or ""), trace, file, line)


def _shortened(trace: str) -> tuple[str, str, int]:
    """The traceback without the system's own frames, and the last line of the flow's code in it."""
    kept: list[str] = []
    file, line, keeps = "", 0, True
    for text in trace.splitlines():
        frame = _FRAME.match(text)
        if frame is not None:
            keeps = not _THEIRS.search(frame["file"])
            if keeps:
                file, line = frame["file"], int(frame["line"])
        elif not text.startswith("    "):
            keeps = True
        if keeps:
            kept.append(text)
    return "\n".join(kept) + "\n" if kept else "", file, line
