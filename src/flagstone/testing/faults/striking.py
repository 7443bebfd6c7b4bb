"""Decides at each action whether a fault strikes, and strikes: who dies, what fails, what is torn."""

import contextlib
import errno
import os
import signal
import sqlite3
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NoReturn, TypeVar

from flagstone.testing.faults.kinds import ERRORS, Action, Fault
from flagstone.testing.faults.log import ActionLog

T = TypeVar("T")

_SQLITE: Final = {
    "ENOSPC": ("SQLITE_FULL", "database or disk is full"),
    "EDQUOT": ("SQLITE_FULL", "database or disk is full"),
    "EROFS": ("SQLITE_READONLY", "attempt to write a readonly database"),
    "EIO": ("SQLITE_IOERR", "disk I/O error"),
}
_clock = time.time


class Striker:
    """The faults of one tree of processes, as one process of it sees them; `role` is what that process is."""

    def __init__(self, faults: Sequence[Fault], log: ActionLog) -> None:
        self._faults = faults
        self._log = log
        self._done: set[int] = set()  # faults that have struck in this process, by their place
        self._ahead = 0.0  # seconds that the wall clock is ahead here
        self.role = "engine"

    def forked(self) -> None:
        """In the child of a fork."""
        self._log.forked()
        self.role = "zygote" if self.role == "engine" else "task"

    def now(self) -> float:
        """The wall clock, as it is after its jumps."""
        return _clock() + self._ahead

    def act(
        self,
        kind: str,
        what: str,
        do: Callable[[], T],
        *,
        half: Callable[[], object] | None = None,
        lost: Callable[[], T] | None = None,
    ) -> T:
        """Record the action and do it, with whatever befalls it.

        `half` does a part of it; `lost` only says that it was done, as a network does with a message that it drops.
        """
        action = self._log.append(self.role, kind, what)
        struck = [fault for place, fault in enumerate(self._faults) if self._strikes(place, fault, action)]
        for fault in struck:
            if fault.do in ERRORS:
                self._fail(fault.do, action)
            if fault.do == "clock":
                self._ahead += fault.seconds
            elif fault.do == "late":
                time.sleep(fault.seconds)
            elif fault.do == "double":
                do()
            elif fault.do == "lose" and lost is not None:
                return lost()
            elif fault.do == "tear" and half is not None:
                half()
            if fault.do == "tear" or (fault.do == "kill" and fault.when == "before"):
                self._kill(fault, action)
        result = do()
        for fault in struck:
            if fault.do == "kill" and fault.when == "after":
                self._kill(fault, action)
        return result

    def _strikes(self, place: int, fault: Fault, action: Action) -> bool:
        if not fault.concerns(action):
            return False
        if not fault.lasting and place in self._done:
            return False
        count = self._log.count(action, fault.concerns)
        if count == fault.nth or (fault.lasting and count > fault.nth):
            self._done.add(place)
            return True
        return False

    def _fail(self, name: str, action: Action) -> NoReturn:
        if action.kind in ("begin", "statement", "commit"):
            code, words = _SQLITE[name]
            error = sqlite3.OperationalError(words)
            error.sqlite_errorcode = getattr(sqlite3, code)
            error.sqlite_errorname = code
            raise error
        number = getattr(errno, name)
        raise OSError(number, os.strerror(number), action.what)

    def _kill(self, fault: Fault, action: Action) -> None:
        own = os.getpid()
        for pid in self._victims(fault, action, own):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if fault.victim in ("self", self.role, "all"):
            os.kill(own, signal.SIGKILL)

    def _victims(self, fault: Fault, action: Action, own: int) -> list[int]:
        """Whom to kill besides this process: the leaves of the tree first."""
        if fault.victim in ("self", self.role):
            return []
        pids: dict[str, list[int]] = {"engine": [], "zygote": [], "task": []}
        for one in self._log.actions():
            if one.number <= action.number and one.pid != own and one.pid not in pids[one.role]:
                pids[one.role].append(one.pid)
        zygotes = [pid for pid in pids["zygote"] if parent_of(pid) in pids["engine"] or parent_of(pid) == own]
        above = {parent_of(pid) for pid in (own, *zygotes)}  # a number alone may be another process's by now
        engines = [pid for pid in pids["engine"] if pid in above]
        tasks = [pid for pid in reversed(pids["task"]) if parent_of(pid) in {own, *zygotes}]
        if fault.victim == "all":
            return [*tasks, *zygotes, *engines]
        return {"task": tasks[:1], "zygote": zygotes, "engine": engines}[fault.victim]


def parent_of(pid: int) -> int:
    """The parent of a process; 0 for one that is gone, or whose number another process may have by now."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, ValueError, IndexError):
        return 0
