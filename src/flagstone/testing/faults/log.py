"""The log of actions: one line of fixed length each, so that its place is its number in the whole tree of processes.

Every process appends through a descriptor of its own. The system appends each line whole and in some order, and that
order is the numbering: there is no counter to share and no lock that a killed process could keep.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Lock
from typing import Final

from flagstone.testing.faults.kinds import Action

LINE: Final = 256  # bytes, the end of the line included

_open, _write, _close, _seek, _read = os.open, os.write, os.close, os.lseek, os.pread  # as they were before all faults


class ActionLog:
    """One process's way to the log in `path`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        self._fd = -1
        self.forked()

    def forked(self) -> None:
        """In the child of a fork, and at first: open the log anew, for two processes must not share a position."""
        inherited, self._lock = self._fd, Lock()
        self._fd = _open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        if inherited >= 0:
            _close(inherited)

    def close(self) -> None:
        """Give the descriptor back."""
        _close(self._fd)

    def append(self, role: str, kind: str, what: str) -> Action:
        """Record an action that is about to happen."""
        pid = os.getpid()
        head = f"{role} {pid} {kind} ".encode()
        tail = what.replace("\n", " ").encode("utf-8", "replace")[-(LINE - len(head) - 1) :]
        with self._lock:
            _write(self._fd, (head + tail).ljust(LINE - 1) + b"\n")
            end = _seek(self._fd, 0, os.SEEK_CUR)
        return Action(end // LINE, role, pid, kind, what)

    def count(self, action: Action, concerns: Callable[[Action], bool]) -> int:
        """How many of the actions up to and with `action` are of concern."""
        data = _read(self._fd, action.number * LINE, 0)
        return sum(map(concerns, _actions(data)))

    def actions(self) -> list[Action]:
        """All that is recorded so far."""
        return list(_actions(_read(self._fd, os.fstat(self._fd).st_size, 0)))


def read_log(path: Path) -> list[Action]:
    """The actions that a launch recorded, in their order."""
    return list(_actions(path.read_bytes()))


def _actions(data: bytes) -> Iterator[Action]:
    for number, start in enumerate(range(0, len(data) - LINE + 1, LINE), 1):
        line = data[start : start + LINE - 1].decode("utf-8", "replace").rstrip()
        role, pid, kind, *what = line.split(" ", 3)
        yield Action(number, role, int(pid), kind, "".join(what))
