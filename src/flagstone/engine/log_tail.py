"""Follows what running tasks print: passes it on in whole lines, and samples when which part was written."""

from collections.abc import Callable

from flagstone.kit import clock
from flagstone.model import logs
from flagstone.model.events import TaskOutput
from flagstone.model.ids import RunId
from flagstone.model.jobs import LogSpan
from flagstone.ports.log_store import LogStore

SLICE = 1 << 20  # bytes passed on at once, so that a loud task does not hold up the others
STREAMS = ("stdout", "stderr")


class Follow:
    """One attempt's two streams."""

    __slots__ = ("ended", "number", "passed", "samples", "seen", "span", "step")

    def __init__(self, step: str, number: int, span: LogSpan) -> None:
        self.step = step
        self.number = number
        self.span = span
        self.seen = [0, 0]  # bytes that were there at the last sample
        self.passed = [0, 0]  # bytes passed on
        self.samples: list[tuple[float, int, int]] = []
        self.ended = False

    def give_back(self, sizes: list[int]) -> None:
        """What lies beyond its end is the next attempt's, which a worker began before this end was known."""
        self.samples = [(when, min(out, sizes[0]), min(err, sizes[1])) for when, out, err in self.samples]
        self.seen = [min(seen, size) for seen, size in zip(self.seen, sizes, strict=True)]
        self.passed = [min(passed, size) for passed, size in zip(self.passed, sizes, strict=True)]


class LogTail:
    """All attempts of a run that print or have printed something that was not passed on yet."""

    def __init__(self, run: RunId, store: LogStore, emit: Callable[[TaskOutput], None], *, stream: bool) -> None:
        self._run = run
        self._store = store
        self._emit = emit
        self._stream = stream
        self._following: dict[int, Follow] = {}
        self._backlog: list[Follow] = []

    def begin(self, step: str, number: int, span: LogSpan) -> None:
        """An attempt started."""
        self._following[number] = Follow(step, number, span)

    def tick(self) -> None:
        """Look what is new."""
        for follow in self._following.values():
            self._sample(follow, [self._store.size(self._run, follow.span, stream) for stream in STREAMS])
            self._pass_on(follow)
        self._backlog = [follow for follow in self._backlog if self._pass_on(follow)]

    def is_behind(self) -> bool:
        """Whether output of attempts that are over still waits to be passed on."""
        return bool(self._backlog)

    def end(self, number: int, span: LogSpan) -> bytes:
        """An attempt is over: pass on what it printed, as far as a slice goes, and return its packed samples."""
        follow = self._following.pop(number, None)
        if follow is None:
            return b""
        follow.span = span
        follow.ended = True
        sizes = [span.stdout_end - span.stdout_start, span.stderr_end - span.stderr_start]
        follow.give_back(sizes)
        self._sample(follow, sizes)
        if self._pass_on(follow):
            self._backlog.append(follow)
        return logs.pack(follow.samples)

    def _sample(self, follow: Follow, sizes: list[int]) -> None:
        if sizes != follow.seen:
            follow.seen = sizes
            follow.samples.append((clock.now(), sizes[0], sizes[1]))

    def _pass_on(self, follow: Follow) -> bool:
        """Emit at most a slice of each stream; True when there is more of an attempt that is over."""
        if not self._stream:
            return False
        for which, stream in enumerate(STREAMS):
            waiting = follow.seen[which] - follow.passed[which]
            if waiting <= 0:
                continue
            data = self._store.read(self._run, follow.span, stream, follow.passed[which], min(waiting, SLICE))
            if not data:
                follow.passed[which] = follow.seen[which]
                continue
            last = follow.ended and follow.passed[which] + len(data) >= follow.seen[which]
            whole = len(data) if last else data.rfind(b"\n") + 1
            if not whole and len(data) >= SLICE:
                whole = len(data)
            if whole:
                follow.passed[which] += whole
                self._emit(
                    TaskOutput(
                        time=clock.now(), step=follow.step, number=follow.number, stream=stream, data=data[:whole]
                    )
                )
        return follow.ended and follow.passed != follow.seen
