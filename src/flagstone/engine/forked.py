"""What becomes of a process that the user's code forks inside a task and that comes back from it."""

import contextlib
import os
import sys
from typing import NoReturn

from flagstone.engine.failures import describe_exception


class OnlyTheTask:
    """Only the process that came here leaves here: one that was forked meanwhile with `os.fork` ends instead."""

    def __enter__(self) -> None:
        self._process = os.getpid()

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: object) -> None:
        if os.getpid() != self._process:
            end_fork(error)


def end_fork(error: BaseException | None) -> NoReturn:
    """End a process that the step forked with `os.fork` and that came back from it: only the task itself reports."""
    status, last_words = 0, ""
    if isinstance(error, SystemExit):
        status = error.code if isinstance(error.code, int) else int(error.code is not None)
    elif error is not None:
        status, last_words = 1, describe_exception(error).traceback
    with contextlib.suppress(OSError, ValueError, AttributeError):  # closed or replaced by the user's code
        sys.stdout.flush()
        sys.stderr.write(last_words)
        sys.stderr.flush()
    os._exit(status & 0xFF)
