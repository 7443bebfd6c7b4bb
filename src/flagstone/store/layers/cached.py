"""A store far away with copies of its blobs at hand, shared by a machine's tasks, verified when filled."""

import contextlib
import mmap
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from flagstone.kit.threads import each
from flagstone.model.errors import SetupError
from flagstone.ports.blob_store import BlobStore, Buffer
from flagstone.store.layers.shelf import Shelf

_FIRST = 1 << 20  # bytes that are asked for first: most blobs are not larger, and need no second question
_WHOLE = 64 << 20  # bytes; a part of a larger blob is read alone
_PART = 2  # a blob of more than this part of the limit is not kept


class CachedBlobStore:
    """What is true is in `far`; reads are answered from `folder` once they were answered from there.

    `intact(key, bytes)` says whether a copy is right; what is not is left to the reader, who knows whose it is. Without
    room for copies everything works, only slower.
    """

    def __init__(self, far: BlobStore, folder: Path, *, limit: int, intact: Callable[[str, memoryview], bool]) -> None:
        self._far = far
        self._near = Shelf(folder, limit)
        self._limit = limit
        self._intact = intact

    def put(self, key: str, buffers: Sequence[Buffer]) -> None:
        """Store in the far store, durable when this returns; a copy is kept for the tasks that read it next.

        Raises what the far store raises.
        """
        total = sum(memoryview(buffer).nbytes for buffer in buffers)
        if total * _PART > self._limit:
            self._far.put(key, buffers)
            return
        try:
            each(lambda put: put(key, buffers), (self._far.put, self._keep), 2)
        except BaseException:
            self._near.delete(key)
            raise
        self._make_room(total)

    def has(self, key: str) -> bool:
        """Whether the far store has `key`: a copy proves nothing."""
        return self._far.has(key)

    def get(self, key: str, offset: int = 0, length: int | None = None) -> memoryview:
        """The bytes of `key`, or a range of them. Raises KeyError."""
        part = length is not None and not self._near.at_hand(key) and self._far.size(key) > _WHOLE
        if not part and self._at_hand(key):
            with contextlib.suppress(KeyError):  # it was let go meanwhile
                return self._near.get(key, offset, length)
        return self._far.get(key, offset, length)

    def map(self, key: str) -> memoryview:
        """The bytes of `key` as writable private memory, loaded page by page from the copy. Raises KeyError."""
        if self._at_hand(key):
            with contextlib.suppress(KeyError):  # it was let go meanwhile
                return self._near.map(key)
        return self._far.map(key)

    def size(self, key: str) -> int:
        """How many bytes lie under `key`. Raises KeyError."""
        return self._far.size(key)

    def is_sealed(self, key: str) -> bool:
        """Whether the copy is as it was verified, or the far store says so. Raises KeyError."""
        return self._near.at_hand(key) or self._far.is_sealed(key)

    def keys(self) -> Iterator[str]:
        """Every key of the far store."""
        return self._far.keys()

    def delete(self, key: str) -> None:
        """Remove `key` there and here; harmless when it is not there."""
        self._far.delete(key)
        self._near.delete(key)

    def _at_hand(self, key: str) -> bool:
        """Whether a verified copy is here, fetched if need be. Raises KeyError when the far store has none."""
        if self._near.at_hand(key):
            return True
        first = self._far.get(key, 0, _FIRST)
        if len(first) < _FIRST:
            if not self._intact(key, first):
                return False
            self._keep(key, [first])
            self._make_room(len(first))
            return self._near.at_hand(key)
        size = self._far.size(key)
        if size * _PART > self._limit:
            return False
        try:
            return self._near.fetch(key, size, lambda start, count: self._far.get(key, start, count), self._fits(key))
        except OSError:  # no room, or a cache that cannot be written: the far store is read without it
            return False
        finally:
            self._make_room(size)

    def _fits(self, key: str) -> Callable[[Path], bool]:
        def fits(path: Path) -> bool:
            with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as whole:
                view = memoryview(whole)
                try:
                    return self._intact(key, view)
                finally:
                    view.release()

        return fits

    def _keep(self, key: str, buffers: Sequence[Buffer]) -> None:
        with contextlib.suppress(SetupError):  # likewise
            self._near.put(key, buffers)

    def _make_room(self, added: int) -> None:
        with contextlib.suppress(OSError, SetupError):  # the cache is larger than it should be until the next time
            self._near.make_room(added)
