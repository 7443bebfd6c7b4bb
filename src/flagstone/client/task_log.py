"""What a task printed: the bytes that its record points at, as text and as lines with their times."""

from collections.abc import Iterator
from datetime import datetime

from flagstone.kit.clock import to_datetime
from flagstone.model import logs
from flagstone.model.records import TaskRecord
from flagstone.ports.log_store import LogStore

_STREAMS = ("stdout", "stderr")


class TaskLog:
    """The output of one attempt; that of a cloned task lies with the run where it took place."""

    def __init__(self, store: LogStore, record: TaskRecord) -> None:
        self._store = store
        self._record = record
        self._run = record.origin or record.id.run

    def data(self, stream: str) -> bytes:
        """All bytes of a stream. Raises ValueError for a stream that is neither "stdout" nor "stderr"."""
        if stream not in _STREAMS:
            msg = f"{stream!r} is not a stream: say 'stdout' or 'stderr'"
            raise ValueError(msg)
        span = self._record.log
        return b"" if span is None else self._store.read(self._run, span, stream)

    def text(self, stream: str) -> str:
        """A stream as text; what is not UTF-8 is shown as the replacement character."""
        return self.data(stream).decode("utf-8", "replace")

    def size(self, stream: str) -> int:
        """How many bytes a stream has by now."""
        span = self._record.log
        return 0 if span is None else self._store.size(self._run, span, stream)

    def lines(self, stream: str, *, as_unicode: bool = True) -> Iterator[tuple[datetime, str | bytes]]:
        """The lines of a stream without their newlines, each with the time when it was seen."""
        samples = [
            (seen, stdout if stream == "stdout" else stderr)
            for seen, stdout, stderr in logs.unpack(self._record.stamps)
        ]
        for seen, line in logs.stamped(self.data(stream), samples or [(self._record.started, 0)]):
            bare = line.removesuffix(b"\n")
            yield to_datetime(seen), bare.decode("utf-8", "replace") if as_unicode else bare
