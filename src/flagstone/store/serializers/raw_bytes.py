"""Large `bytes` and `bytearray` as the memory they are."""

from collections.abc import Callable, Sequence
from typing import Any

from flagstone.store.serializers.registry import MainResolver

_LEAST = 16 << 10  # bytes; smaller ones ride in a pickle


class BytesSerializer:
    """Exactly these two types; the body says which."""

    name = "bytes"

    def __init__(self, _: MainResolver | None = None) -> None:
        pass

    def claims(self, value: Any) -> bool:
        """Whether `value` is large and flat."""
        return type(value) in (bytes, bytearray) and len(value) >= _LEAST

    def dump(self, value: Any, keep: Callable[[memoryview], None]) -> bytes:
        """The name of the type; the memory is kept."""
        keep(memoryview(value))
        return type(value).__name__.encode()

    def load(self, body: memoryview, buffers: Sequence[memoryview]) -> Any:
        """A copy, since neither type can stand on memory of someone else."""
        return bytes(buffers[0]) if bytes(body) == b"bytes" else bytearray(buffers[0])
