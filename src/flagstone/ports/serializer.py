"""A value to bytes and back: what a serializer must do."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol


class Serializer(Protocol):
    """One form of stored values. Large memory blocks travel beside the body, without a copy."""

    name: str  # recorded with the artifact; never changes its meaning

    def claims(self, value: Any) -> bool:
        """Whether this serializer stores `value` best; cheap, and imports nothing."""

    def dump(self, value: Any, keep: Callable[[memoryview], None]) -> bytes:
        """The body of `value`; hands each large block to `keep`. Raises any exception when it cannot."""

    def load(self, body: memoryview, buffers: Sequence[memoryview]) -> Any:
        """The value again, from the body and the blocks in the order in which they were kept."""
