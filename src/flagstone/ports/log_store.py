"""The output of tasks: where a back end lets them write, and where readers find it."""

from typing import Protocol

from flagstone.model.ids import RunId
from flagstone.model.jobs import LogSpan


class LogStore(Protocol):
    """Raw bytes that tasks printed, stream by stream."""

    def read(self, run: RunId, span: LogSpan, stream: str, offset: int = 0, length: int | None = None) -> bytes:
        """Bytes of "stdout" or "stderr" of an attempt from `offset`, as many as there are, or at most `length`."""

    def size(self, run: RunId, span: LogSpan, stream: str) -> int:
        """How many bytes there are by now."""
