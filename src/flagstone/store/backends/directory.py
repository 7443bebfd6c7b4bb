"""Blobs as files of a directory: `ab/abcdef…`, each published whole, read-only, and sealed by its time."""

import contextlib
import errno
import itertools
import mmap
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from flagstone.kit.clock import now
from flagstone.kit.files import private_directory, sync_directory
from flagstone.kit.text import size as size_text
from flagstone.model.errors import InvalidSetting, StorageFull, UnusableHome
from flagstone.ports.blob_store import Buffer
from flagstone.store.backends.writing import write_file

# The modification time of every blob (ns): whoever writes to a blob later changes it, and readers verify the blob.
SEAL = 946_684_800_000_000_000

_FULL = {errno.ENOSPC, errno.EDQUOT}
_JUST_NOW = 60  # seconds; the name of a younger blob may not be durable yet


def open_url(url: str, environment: Mapping[str, str]) -> "DirectoryBlobStore":
    """The store of `file:///directory`, shared by who can write there. Raises InvalidSetting."""
    from urllib.parse import unquote, urlsplit  # only where a URL is given

    del environment
    parts = urlsplit(url)
    if parts.netloc not in ("", "localhost") or not parts.path.strip("/"):
        problem = "file:///directory is expected, with the whole path"
        raise InvalidSetting(setting="store", value=url, problem=problem, source="the settings")
    root = Path(unquote(parts.path))
    return DirectoryBlobStore(root / "blobs", root / "tmp")


class DirectoryBlobStore:
    """Blobs under `root`, written first in `temporary`, which lies on the same file system. Any number of processes."""

    def __init__(self, root: Path, temporary: Path) -> None:
        self._root = root
        self._temporary = temporary
        self._serial = itertools.count()

    def put(self, key: str, buffers: Sequence[Buffer]) -> None:
        """Store the concatenation of `buffers` under `key`, durable when this returns. A key that is there stays.

        Raises StorageFull, UnusableHome; nothing half-written remains.
        """
        path = self._path(key)
        temporary = self._temporary / f"{key}.{os.getpid()}.{next(self._serial)}"
        try:
            if self._is_durable(path):
                return
            self._create_directories(path)
            try:
                write_file(temporary, buffers, mode=0o400, modified=SEAL)
                os.replace(temporary, path)
            except BaseException:
                with contextlib.suppress(OSError):
                    os.unlink(temporary)
                raise
            sync_directory(path.parent)
        except OSError as error:
            if error.errno in _FULL:
                total = sum(memoryview(buffer).nbytes for buffer in buffers)
                raise StorageFull(what=f"{size_text(total)} to {self._root}") from error
            raise self._unusable(error) from error

    def has(self, key: str) -> bool:
        """Whether `key` is there, and then durable."""
        return self._is_durable(self._path(key))

    def get(self, key: str, offset: int = 0, length: int | None = None) -> memoryview:
        """The bytes of `key`, or a range of them, in memory of their own. Raises KeyError, UnusableHome."""
        with self._opened(key) as fd:
            there = max(os.fstat(fd).st_size - offset, 0)
            data = memoryview(bytearray(there if length is None else min(length, there)))
            done = 0
            with open(fd, "rb", buffering=0, closefd=False) as file:
                file.seek(offset)
                while done < len(data):
                    count = file.readinto(data[done:])
                    if not count:
                        break
                    done += count
            return data[:done]

    def map(self, key: str) -> memoryview:
        """The bytes of `key` as writable private memory, loaded page by page. Raises KeyError, UnusableHome."""
        with self._opened(key) as fd:
            size = os.fstat(fd).st_size
            return memoryview(mmap.mmap(fd, size, access=mmap.ACCESS_COPY) if size else bytearray())

    def size(self, key: str) -> int:
        """How many bytes lie under `key`. Raises KeyError."""
        return self._stat(key).st_size

    def is_sealed(self, key: str) -> bool:
        """Whether nobody wrote to `key` since it was put. Raises KeyError."""
        return self._stat(key).st_mtime_ns == SEAL

    def keys(self) -> Iterator[str]:
        """Every key, in no order."""
        for prefix in self._root.glob("[0-9a-f][0-9a-f]"):
            for entry in os.scandir(prefix):
                yield entry.name

    def delete(self, key: str) -> None:
        """Remove `key`; harmless when it is not there. Raises UnusableHome."""
        try:
            self._path(key).unlink(missing_ok=True)
        except OSError as error:
            raise self._unusable(error) from error

    def _path(self, key: str) -> Path:
        return self._root / key[:2] / key

    def _is_durable(self, path: Path) -> bool:
        """Whether `path` is there; makes its name durable where another process may not have come to that yet."""
        try:
            status = path.stat()
        except FileNotFoundError:
            return False
        if abs(now() - status.st_ctime) < _JUST_NOW:
            sync_directory(path.parent)
        return True

    def _create_directories(self, path: Path) -> None:
        if not path.parent.is_dir():
            private_directory(path.parent)
            sync_directory(self._root)
        if not self._temporary.is_dir():
            private_directory(self._temporary)

    def _stat(self, key: str) -> os.stat_result:
        try:
            return self._path(key).stat()
        except FileNotFoundError:
            raise KeyError(key) from None

    @contextlib.contextmanager
    def _opened(self, key: str) -> Iterator[int]:
        try:
            fd = os.open(self._path(key), os.O_RDONLY | getattr(os, "O_CLOEXEC", 0))
        except FileNotFoundError:
            raise KeyError(key) from None
        except OSError as error:
            raise self._unusable(error) from error
        try:
            yield fd
        finally:
            os.close(fd)

    def _unusable(self, error: OSError) -> UnusableHome:
        return UnusableHome(path=str(error.filename or self._root), problem=error.strerror or str(error))
