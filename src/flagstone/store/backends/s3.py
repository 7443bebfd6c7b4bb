"""Blobs as objects of an S3 bucket, through obstore: `<prefix>/blobs/ab/abcdef…`, each put whole or not at all."""

import contextlib
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from importlib.util import find_spec
from typing import Any

from flagstone.kit.threads import each
from flagstone.model.errors import MissingExtra, StoreUnavailable
from flagstone.ports.blob_store import Buffer
from flagstone.store.backends.s3_place import S3Place, read_place
from flagstone.store.backends.s3_refusals import understood

_AT_ONCE = 8 << 20  # bytes; a larger blob goes in parts
_PARTS = 9_000  # S3 takes 10,000
_READ = 16 << 20  # bytes a request; several run side by side
_THREADS = 4
_JUST_NOW = 1.0  # seconds for which the size of an object that was just asked for is known

_speaks = [0]  # the process whose threads obstore runs on; they do not come along into a fork


def open_url(url: str, environment: Mapping[str, str]) -> "S3BlobStore":
    """The store of `s3://bucket/prefix`, with what the `AWS_*` variables say; nothing is connected yet.

    Raises InvalidSetting, MissingExtra.
    """
    if find_spec("obstore") is None:
        raise MissingExtra(what=f"the store {url}", package="flagstone[s3]")
    return S3BlobStore(read_place(url, environment))


class _AfterTheEnd(Exception):
    """A range begins where the object has ended."""


class S3BlobStore:
    """The objects under one prefix of a bucket. Any number of processes; a client of its own in each.

    The client is made when it is first needed, because its threads would not survive a fork.
    """

    def __init__(self, place: S3Place) -> None:
        self._place = place
        self._made: tuple[int, Any] = (0, None)
        self._asked: tuple[str, int, float] = ("", 0, 0.0)

    def put(self, key: str, buffers: Sequence[Buffer]) -> None:
        """Store the concatenation of `buffers` under `key`, durable when this returns. A key that is there stays.

        Raises StoreUnavailable, StoreRefused; nothing half-written can be seen.
        """
        parts = [view for buffer in buffers if (view := memoryview(buffer).cast("B"))]
        total = sum(map(len, parts))
        if total <= _AT_ONCE:
            self._put_small(key, parts[0] if len(parts) == 1 else b"".join(parts))
        elif not self.has(key):
            import obstore

            size = max(_AT_ONCE, -(-total // _PARTS))
            body: Any = parts[0] if len(parts) == 1 else _pieces(parts, size)
            with self._asking(key):
                obstore.put(self._client(), self._path(key), body, use_multipart=True, chunk_size=size)

    def has(self, key: str) -> bool:
        """Whether `key` is there. Raises StoreUnavailable, StoreRefused."""
        try:
            self.size(key)
        except KeyError:
            return False
        return True

    def get(self, key: str, offset: int = 0, length: int | None = None) -> memoryview:
        """The bytes of `key`, or a range of them. Raises KeyError, StoreUnavailable, StoreRefused."""
        import obstore

        if length == 0 or (offset and length is None):
            length = max(self.size(key) - offset, 0) if length is None else 0
            if not length:
                return memoryview(b"")
        try:
            with self._asking(key):
                if length is None:
                    return memoryview(obstore.get(self._client(), self._path(key)).bytes()).cast("B")
                found = obstore.get_range(self._client(), self._path(key), start=offset, length=length)
                return memoryview(found).cast("B")
        except _AfterTheEnd:
            return memoryview(b"")

    def map(self, key: str) -> memoryview:
        """The bytes of `key` as memory of this process, read in parallel. Raises KeyError, StoreUnavailable."""
        size = self.size(key)
        whole = memoryview(bytearray(size))

        def read(start: int) -> None:
            whole[start : start + _READ] = self.get(key, start, min(_READ, size - start))

        each(read, range(0, size, _READ), _THREADS)
        return whole

    def size(self, key: str) -> int:
        """How many bytes lie under `key`. Raises KeyError, StoreUnavailable, StoreRefused."""
        import obstore

        asked, size, when = self._asked
        if asked != key or time.monotonic() - when > _JUST_NOW:
            with self._asking(key):
                size = obstore.head(self._client(), self._path(key))["size"]
            self._asked = (key, size, time.monotonic())
        return size

    def is_sealed(self, key: str) -> bool:
        """True: objects are replaced whole or not at all, and only by who has the keys. Raises KeyError."""
        return self.size(key) >= 0

    def keys(self) -> Iterator[str]:
        """Every key, in no order. Raises StoreUnavailable, StoreRefused."""
        import obstore

        with self._asking(""):
            for page in obstore.list(self._client(), self._place.folder, chunk_size=1000):
                for entry in page:
                    yield entry["path"].rpartition("/")[2]

    def delete(self, key: str) -> None:
        """Remove `key`; harmless when it is not there. Raises StoreUnavailable, StoreRefused."""
        import obstore

        self._asked = ("", 0, 0.0)
        with contextlib.suppress(KeyError), self._asking(key):
            obstore.delete(self._client(), self._path(key))

    def _put_small(self, key: str, body: Buffer) -> None:
        import obstore
        from obstore.exceptions import AlreadyExistsError, NotSupportedError

        with self._asking(key):
            try:
                obstore.put(self._client(), self._path(key), body, mode="create", use_multipart=False)
            except AlreadyExistsError:
                return
            except NotSupportedError:  # a server that knows no conditions: the key says what it holds, so it may
                obstore.put(self._client(), self._path(key), body, use_multipart=False)

    def _path(self, key: str) -> str:
        return f"{self._place.folder}/{key[:2]}/{key}"

    def _client(self) -> Any:
        process = os.getpid()
        if _speaks[0] not in (0, process):
            raise StoreUnavailable(
                store=self._place.url,
                problem="this process was forked from one that had spoken to the store, so it cannot",
                hint="read the artifact (`self.name`) before you fork, as in `data = self.data`",
            )
        if self._made[0] != process:
            from obstore.store import S3Store

            _speaks[0] = process
            self._made = (process, S3Store(**self._place.client(), retry_config=_RETRIES))
        return self._made[1]

    @contextlib.contextmanager
    def _asking(self, key: str) -> Iterator[None]:
        """Turn what obstore raises into what the port promises. Raises _AfterTheEnd for a range that is nowhere."""
        from obstore.exceptions import BaseError

        try:
            yield
        except FileNotFoundError as error:
            if "NoSuchBucket" in str(error):
                raise understood(self._place, str(error)) from None
            raise KeyError(key) from None
        except (BaseError, PermissionError, OSError) as error:
            if "InvalidRange" in str(error) or "416 Range" in str(error):
                raise _AfterTheEnd from None
            raise understood(self._place, str(error)) from None


# One request is tried again quickly by obstore, so that a single bad answer does not send a large blob twice; a server
# that stays away is the business of the layer that retries whole operations.
_RETRIES: Any = {
    "max_retries": 4,
    "retry_timeout": timedelta(seconds=20),
    "backoff": {"init_backoff": timedelta(milliseconds=50), "max_backoff": timedelta(seconds=1), "base": 2},
}


def _pieces(parts: Sequence[memoryview], size: int) -> Iterator[memoryview]:
    """The same bytes in pieces that are not larger than a part, without copying them."""
    for part in parts:
        for start in range(0, len(part), size):
            yield part[start : start + size]
