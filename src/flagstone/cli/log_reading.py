"""The output of a task as it was written: both streams in the order of time, in whole lines and bounded memory."""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from flagstone.app.workspace import Workspace
from flagstone.model import logs
from flagstone.model.ids import RunId
from flagstone.model.records import TaskRecord

PIECE = 1 << 20  # bytes read at once
STREAMS = ("stdout", "stderr")


class Piece(Struct, frozen=True):
    """Whole lines that one stream got at about one time."""

    time: float  # seconds since the epoch; 0 when it is not known
    stream: str
    data: bytes


def pieces(
    workspace: Workspace, run: RunId, task: TaskRecord, streams: Sequence[str], *, timed: bool
) -> Iterator[Piece]:
    """Everything a task printed so far; `timed` cuts where the time changes as well as where the stream does."""
    if task.log is None:
        return
    sizes = [workspace.logs.size(task.origin or run, task.log, stream) for stream in STREAMS]
    samples = logs.unpack(task.stamps)
    seen = samples[-1][0] if samples else 0.0  # by the engine, which may look after the task says that it is over
    samples.append((max(task.finished, seen) if task.finished is not None else 0.0, sizes[0], sizes[1]))
    reader = Reader(workspace, task.origin or run, task, streams)
    for sample in samples if timed else _merged(samples, streams):
        yield from reader.up_to(sample[0], (sample[1], sample[2]), last=sample is samples[-1])


def _merged(samples: list[tuple[float, int, int]], streams: Sequence[str]) -> Iterator[tuple[float, int, int]]:
    """As few samples as keep the order of the output: those at which another stream goes on than before."""
    wanted = [STREAMS.index(stream) + 1 for stream in streams]
    before = (0.0, 0, 0)
    growing: list[int] = []
    for sample in samples:
        now = [which for which in wanted if sample[which] > before[which]]
        if growing and now and (now != growing or len(now) > 1):
            yield before
        growing = now or growing
        before = sample
    yield samples[-1]


class Reader:
    """One task's output from where the last call left off."""

    def __init__(self, workspace: Workspace, run: RunId, task: TaskRecord, streams: Sequence[str]) -> None:
        self._workspace = workspace
        self._run = run
        self._task = task
        self._streams = streams
        self._at = dict.fromkeys(STREAMS, 0)
        self._open = dict.fromkeys(STREAMS, b"")

    def seen(self) -> tuple[int, ...]:
        """How far it read."""
        return tuple(self._at[stream] for stream in STREAMS)

    def up_to(self, when: float, ends: Sequence[int], *, last: bool) -> Iterator[Piece]:
        """What came up to the offsets `ends` of the two streams; `last` also gives a line without an end."""
        for stream, end in zip(STREAMS, ends, strict=True):
            if stream not in self._streams:
                continue
            for data in self._whole_lines(stream, end):
                yield Piece(when, stream, data)
            if last and self._open[stream]:
                yield Piece(when, stream, self._open[stream] + b"\n")
                self._open[stream] = b""

    def _whole_lines(self, stream: str, end: int) -> Iterator[bytes]:
        span = self._task.log
        while span is not None and self._at[stream] < end:
            want = min(PIECE, end - self._at[stream])
            data = self._workspace.logs.read(self._run, span, stream, self._at[stream], want)
            if not data:
                return
            self._at[stream] += len(data)
            whole = data.rfind(b"\n") + 1
            if whole:
                yield self._open[stream] + data[:whole]
                self._open[stream] = data[whole:]
            else:
                self._open[stream] += data


def prefixed(data: bytes, prefix: bytes) -> bytes:
    """Whole lines, each behind `prefix`."""
    return prefix + data[:-1].replace(b"\n", b"\n" + prefix) + b"\n" if prefix else data
