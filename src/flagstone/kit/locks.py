"""Locks on files that vanish with the process that holds them, on every operating system."""

import os
import sys
from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    def _lock(fd: int) -> None:
        msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)

    _ask = _lock
else:
    import fcntl

    def _lock(fd: int) -> None:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _ask(fd: int) -> None:
        fcntl.flock(
            fd, fcntl.LOCK_SH | fcntl.LOCK_NB
        )  # shared: two who ask at once do not take each other for the owner


class FileLock:
    """An exclusive lock on a file of its own; released by `release` or by the end of the process.

    A forked child inherits the lock: take it after the last fork, or fork processes that `exec` at once.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fd: int | None = None

    def acquire(self) -> bool:
        """Take the lock without waiting; False when someone else holds it. Raises OSError for an unusable path."""
        fd = os.open(self.path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
        try:
            _lock(fd)
        except OSError:
            os.close(fd)
            return False
        self._fd = fd
        return True

    def release(self) -> None:
        """Remove the file and give the lock back; harmless when it is not held."""
        if self._fd is None:
            return
        if sys.platform == "win32":
            os.close(self._fd)
            self.path.unlink(missing_ok=True)
        else:
            self.path.unlink(missing_ok=True)
            os.close(self._fd)
        self._fd = None


def is_held(path: Path) -> bool:
    """Whether a live process holds the lock on `path`; asks without keeping it."""
    try:
        fd = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        _ask(fd)
    except OSError:
        return True
    finally:
        os.close(fd)
    return False
