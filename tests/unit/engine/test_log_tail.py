"""What tasks print is passed on whole, in order, in slices, and its times are sampled."""

from flagstone.engine import log_tail
from flagstone.engine.log_tail import LogTail
from flagstone.model import logs
from flagstone.model.events import TaskOutput
from flagstone.model.ids import RunId
from flagstone.model.jobs import LogSpan

RUN = RunId("F", 1)


class Files:
    """A log store in memory: what each file holds so far."""

    def __init__(self) -> None:
        self.data = {"0.out": b"", "0.err": b""}

    def _file(self, span: LogSpan, stream: str) -> tuple[bytes, int]:
        name, start = (span.stdout, span.stdout_start) if stream == "stdout" else (span.stderr, span.stderr_start)
        return self.data[name], start

    def read(self, run: RunId, span: LogSpan, stream: str, offset: int = 0, length: int | None = None) -> bytes:
        data, start = self._file(span, stream)
        begin = start + offset
        return data[begin : None if length is None else begin + length]

    def size(self, run: RunId, span: LogSpan, stream: str) -> int:
        data, start = self._file(span, stream)
        return len(data) - start


def follow(files: Files, *, stream: bool = True) -> tuple[LogTail, list[TaskOutput]]:
    seen: list[TaskOutput] = []
    tail = LogTail(RUN, files, seen.append, stream=stream)
    tail.begin("work", 7, LogSpan("0.out", "0.err", len(files.data["0.out"]), len(files.data["0.err"])))
    return tail, seen


def ended(files: Files, start: int = 0) -> LogSpan:
    return LogSpan("0.out", "0.err", start, 0, len(files.data["0.out"]), len(files.data["0.err"]))


def test_lines_are_passed_on_whole_and_the_rest_when_the_task_is_over() -> None:
    files = Files()
    tail, seen = follow(files)

    files.data["0.out"] += b"one\ntwo\nthr"
    tail.tick()
    files.data["0.out"] += b"ee"
    tail.end(7, ended(files))

    assert [event.data for event in seen] == [b"one\ntwo\n", b"three"]
    assert not tail.is_behind()


def test_what_an_earlier_task_wrote_into_the_same_file_is_not_shown_again() -> None:
    files = Files()
    files.data["0.out"] = b"from before\n"
    tail, seen = follow(files)

    files.data["0.out"] += b"mine\n"
    tail.end(7, ended(files, start=12))

    assert [event.data for event in seen] == [b"mine\n"]


def test_a_loud_task_is_passed_on_in_slices_after_its_end() -> None:
    files = Files()
    tail, seen = follow(files)
    line = b"x" * 99 + b"\n"

    files.data["0.out"] = line * (3 * log_tail.SLICE // 100)
    tail.end(7, ended(files))
    assert tail.is_behind()
    while tail.is_behind():
        tail.tick()

    assert b"".join(event.data for event in seen) == files.data["0.out"]
    assert all(len(event.data) <= log_tail.SLICE for event in seen)


def test_a_line_longer_than_a_slice_is_passed_on_all_the_same() -> None:
    files = Files()
    tail, seen = follow(files)

    files.data["0.out"] = b"y" * (2 * log_tail.SLICE + 5)
    tail.tick()
    tail.end(7, ended(files))
    while tail.is_behind():
        tail.tick()

    assert b"".join(event.data for event in seen) == files.data["0.out"]


def test_both_streams_are_sampled_with_the_time_even_when_nobody_watches() -> None:
    files = Files()
    tail, seen = follow(files, stream=False)

    files.data["0.out"] += b"out\n"
    tail.tick()
    files.data["0.err"] += b"oops\n"
    samples = logs.unpack(tail.end(7, ended(files)))

    assert seen == []
    assert [(out, err) for _, out, err in samples] == [(4, 0), (4, 5)]
    assert samples[0][0] <= samples[1][0]


def test_a_silent_task_leaves_no_sample() -> None:
    files = Files()
    tail, _ = follow(files)

    assert tail.end(7, ended(files)) == b""


def test_what_the_next_task_of_a_worker_printed_early_never_keeps_a_run_from_ending() -> None:
    files = Files()
    tail, _ = follow(files)

    files.data["0.out"] += b"mine\n"
    over = ended(files)
    files.data["0.out"] += b"of the next task in the same file\n"
    tail.tick()
    samples = tail.end(7, over)

    assert not tail.is_behind()
    assert max(out for _, out, _ in logs.unpack(samples)) == 5
