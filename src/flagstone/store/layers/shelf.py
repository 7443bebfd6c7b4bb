"""A directory of blobs of bounded size: who was not asked for longest goes first. Any number of processes."""

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from flagstone.kit.clock import now
from flagstone.kit.files import private_directory, sync_directory
from flagstone.kit.locks import FileLock
from flagstone.kit.threads import each
from flagstone.store.backends.directory import SEAL, DirectoryBlobStore

_PIECE = 16 << 20  # bytes; read side by side
_THREADS = 4
_WAIT = 0.02  # seconds between two looks at what another process fetches
_FRESH = 60.0  # seconds; who was asked for twice in this time is not noted twice
_PAUSE = 10.0  # seconds between two looks at everything
_LARGE = 16  # a blob of more than this part of the limit makes room at once
_KEEP = 0.9  # of the limit is left when room was made
_STALE = 24 * 3600.0  # seconds after which a half-filled file belongs to nobody


class Shelf(DirectoryBlobStore):
    """Copies of blobs. What is mapped stays readable when its file goes."""

    def __init__(self, folder: Path, limit: int) -> None:
        super().__init__(folder / "blobs", folder / "tmp")
        self._folder = folder
        self._limit = limit

    def at_hand(self, key: str) -> bool:
        """Whether `key` is here and nobody wrote to it; notes that it was asked for."""
        path = self._path(key)
        try:
            status = path.stat()
        except OSError:
            return False
        if status.st_mtime_ns != SEAL:
            self.delete(key)
            return False
        if now() - status.st_atime > _FRESH:
            with contextlib.suppress(OSError):  # only the order of leaving suffers
                os.utime(path, ns=(time.time_ns(), SEAL))
        return True

    def fetch(self, key: str, size: int, read: Callable[[int, int], memoryview], fits: Callable[[Path], bool]) -> bool:
        """Fill `key` from `read(offset, length)`, once for all processes that want it now; False when it does not fit.

        Raises OSError, and what `read` raises.
        """
        private_directory(self._folder / "tmp")
        lock = FileLock(self._folder / "tmp" / f"{key}.lock")
        while not lock.acquire():
            time.sleep(_WAIT)
            if self.at_hand(key):
                return True
        try:
            return self.at_hand(key) or self._fetch(key, size, read, fits)
        finally:
            lock.release()

    def make_room(self, added: int) -> None:
        """Let go of what was not asked for longest, when there is too much; looks at everything only now and then."""
        if added * _LARGE < self._limit and self._looked_lately():
            return
        lock = FileLock(self._folder / "tmp" / "room.lock")
        if not lock.acquire():
            return  # another process does it
        try:
            self._sweep()
            (self._folder / "looked").touch()
        finally:
            lock.release()

    def _fetch(self, key: str, size: int, read: Callable[[int, int], memoryview], fits: Callable[[Path], bool]) -> bool:
        temporary = self._folder / "tmp" / f"{key}.{os.getpid()}.part"
        fd = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_TRUNC | getattr(os, "O_CLOEXEC", 0), 0o600)
        try:

            def fill(start: int) -> None:
                data = read(start, min(_PIECE, size - start))
                while data:
                    written = os.pwrite(fd, data, start)
                    data, start = data[written:], start + written

            each(fill, range(0, size, _PIECE), _THREADS)
            if not fits(temporary):
                return False
            os.fchmod(fd, 0o400)
            os.utime(temporary, ns=(time.time_ns(), SEAL))
            os.fsync(fd)
            path = self._path(key)
            private_directory(path.parent)
            os.replace(temporary, path)
            sync_directory(path.parent)
        finally:
            os.close(fd)
            temporary.unlink(missing_ok=True)
        return True

    def _looked_lately(self) -> bool:
        try:
            return now() - (self._folder / "looked").stat().st_mtime < _PAUSE
        except FileNotFoundError:
            return False

    def _sweep(self) -> None:
        held = sorted(self._held())
        total = sum(size for _, size, _ in held)
        if total > self._limit:
            for _, size, key in held:
                self.delete(key)
                total -= size
                if total <= self._limit * _KEEP:
                    break
        for left in (self._folder / "tmp").iterdir():
            with contextlib.suppress(OSError):  # its owner removes it at this moment
                if now() - left.stat().st_mtime > _STALE:
                    left.unlink()

    def _held(self) -> Iterator[tuple[float, int, str]]:
        """When each blob was asked for last, its size, its key."""
        for key in self.keys():
            try:
                status = self._path(key).stat()
            except FileNotFoundError:
                continue
            yield status.st_atime, status.st_size, key
