"""The locks of runs: one file each, held by the process that runs it, and gone with that process."""

import os
import time
from pathlib import Path

from flagstone.kit.files import private_directory
from flagstone.kit.locks import FileLock, is_held
from flagstone.model.errors import UnusableHome, WriteConflict
from flagstone.model.ids import RunId

_TRIES = 200
_PAUSE = 0.005  # seconds; a reader that asks holds the lock for microseconds


class RunLocks:
    """The locks of one directory, and which of them this process holds."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._held: dict[RunId, tuple[int, FileLock]] = {}  # with the process that took it: a fork inherits the table

    def _path(self, run: RunId) -> Path:
        return self.directory / f"{run.flow}.{run.number}.lock"

    def take(self, run: RunId) -> None:
        """Hold the lock of `run` until `release`. Raises WriteConflict, UnusableHome."""
        lock = FileLock(self._path(run))
        try:
            private_directory(self.directory)
            for _ in range(_TRIES):
                if lock.acquire():
                    self._held[run] = os.getpid(), lock
                    return
                time.sleep(_PAUSE)
        except OSError as error:
            raise UnusableHome(path=self.directory, problem=error.strerror or str(error)) from error
        raise WriteConflict(what=str(run), problem="another process holds its lock", hint="run again")

    def holds(self, run: RunId) -> bool:
        """Whether this very process holds the lock of `run`."""
        owner, _ = self._held.get(run, (0, None))
        return owner == os.getpid()

    def release(self, run: RunId) -> None:
        """Give the lock back; harmless when this process does not hold it."""
        owner, lock = self._held.pop(run, (0, None))
        if lock is not None and owner == os.getpid():
            lock.release()

    def release_all(self) -> None:
        """Give back every lock."""
        for run in list(self._held):
            self.release(run)

    def is_alive(self, run: RunId) -> bool:
        """Whether some live process holds the lock of `run`; a lock that one may not ask about counts as held."""
        try:
            return is_held(self._path(run))
        except OSError:
            return True
