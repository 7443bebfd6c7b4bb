"""Blobs in this process's memory: for tests, and for flows that leave nothing behind."""

from collections.abc import Iterator, Sequence

from flagstone.ports.blob_store import Buffer


class MemoryBlobStore:
    """A dictionary of bytes; gone with the process."""

    def __init__(self) -> None:
        self._blobs: dict[str, bytes] = {}

    def put(self, key: str, buffers: Sequence[Buffer]) -> None:
        """Store the concatenation of `buffers`; a key that is there stays."""
        if key not in self._blobs:
            self._blobs[key] = b"".join(buffers)

    def has(self, key: str) -> bool:
        """Whether `key` is there."""
        return key in self._blobs

    def get(self, key: str, offset: int = 0, length: int | None = None) -> memoryview:
        """The bytes of `key`, or a range of them. Raises KeyError."""
        end = None if length is None else offset + length
        return memoryview(self._blobs[key])[offset:end]

    def map(self, key: str) -> memoryview:
        """A copy of the bytes of `key`. Raises KeyError."""
        return memoryview(bytearray(self._blobs[key]))

    def size(self, key: str) -> int:
        """How many bytes lie under `key`. Raises KeyError."""
        return len(self._blobs[key])

    def is_sealed(self, key: str) -> bool:
        """True: nobody else reaches this memory. Raises KeyError."""
        return self._blobs[key] is not None

    def keys(self) -> Iterator[str]:
        """Every key."""
        return iter(list(self._blobs))

    def delete(self, key: str) -> None:
        """Remove `key`; harmless when it is not there."""
        self._blobs.pop(key, None)
