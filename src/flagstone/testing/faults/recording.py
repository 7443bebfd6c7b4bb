"""What changes below a directory, written down with its content, so that a power cut can be played afterwards."""

import os
from collections.abc import Callable
from pathlib import Path
from threading import RLock
from typing import Any, Final, TypeVar

import msgspec
from msgspec import Struct

T = TypeVar("T")

# The system's own calls, as they were before any fault.
_open, _write, _close = os.open, os.write, os.close


class Change(Struct, frozen=True, array_like=True):
    """One change that has happened: what kind, to which path, and with what.

    "create", "write" (at `offset`, `data`), "size" (`offset`), "time" (`offset`: ns), "sync", "rename" (to `other`),
    "unlink", "mkdir", "rmdir"; "database": `path` and its log are on the disk as `data` and `more`.
    """

    kind: str
    path: str
    offset: int = 0
    data: bytes = b""
    other: str = ""
    more: bytes = b""


_LENGTH: Final = 8  # bytes before each change that say how many it has


class Recording:
    """Appends the changes of all processes to one file, one process at a time."""

    def __init__(self, path: Path) -> None:
        import fcntl  # where faults work, there is one

        self._file_lock, self._take, self._give = fcntl.lockf, fcntl.LOCK_EX, fcntl.LOCK_UN
        self._path = path
        self._fd = -1
        self._mutex = RLock()
        self.forked()

    def forked(self) -> None:
        """In the child of a fork, and at first."""
        inherited, self._mutex = self._fd, RLock()
        self._fd = _open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        if inherited >= 0:
            _close(inherited)

    def close(self) -> None:
        """Give the descriptor back."""
        _close(self._fd)

    def during(self, do: Callable[[], T], changes: Callable[[T], list[Change]]) -> T:
        """Do it and write down what it changed, before any other process changes something."""
        with self._mutex:
            self._file_lock(self._fd, self._take)
            try:
                result = do()
                for change in changes(result):
                    data = msgspec.msgpack.encode(change)
                    _write(self._fd, len(data).to_bytes(_LENGTH, "little") + data)
                return result
            finally:
                self._file_lock(self._fd, self._give)


def read_recording(path: Path) -> list[Change]:
    """The changes, in their order."""
    data = path.read_bytes()
    found: list[Any] = []
    place = 0
    while place < len(data):
        size = int.from_bytes(data[place : place + _LENGTH], "little")
        place += _LENGTH
        found.append(msgspec.msgpack.decode(data[place : place + size], type=Change))
        place += size
    return found
