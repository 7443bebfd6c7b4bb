"""Bytes by key: what a store of blobs must do."""

from collections.abc import Iterator, Sequence
from typing import Protocol

Buffer = bytes | bytearray | memoryview


class BlobStore(Protocol):
    """Immutable bytes under content-derived keys (lower-case hexadecimal, perhaps with a suffix)."""

    def put(self, key: str, buffers: Sequence[Buffer]) -> None:
        """Store the concatenation of `buffers` under `key`, durable when this returns. A key that is there stays.

        Raises StorageFull, UnusableHome.
        """

    def has(self, key: str) -> bool:
        """Whether `key` is there; if so, it is durable, whoever put it."""

    def get(self, key: str, offset: int = 0, length: int | None = None) -> memoryview:
        """The bytes of `key`, or a range of them. Raises KeyError when it is not there."""

    def map(self, key: str) -> memoryview:
        """The bytes of `key` as writable private memory, loaded page by page where possible. Raises KeyError."""

    def size(self, key: str) -> int:
        """How many bytes lie under `key`. Raises KeyError."""

    def is_sealed(self, key: str) -> bool:
        """Whether the store can tell cheaply that nobody touched `key` since it was put. Raises KeyError."""

    def keys(self) -> Iterator[str]:
        """Every key, in no order."""

    def delete(self, key: str) -> None:
        """Remove `key`; harmless when it is not there."""
