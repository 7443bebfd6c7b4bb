"""However the streams grew, reading gives each back whole, in whole lines, in the order of time."""

from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st

from flagstone.app.workspace import Workspace
from flagstone.cli import log_reading
from flagstone.cli.log_reading import Piece, pieces, prefixed
from flagstone.model import logs
from flagstone.model.ids import RunId, TaskId
from flagstone.model.jobs import LogSpan, Usage
from flagstone.model.records import TaskRecord
from flagstone.model.states import State

RUN = RunId("F", 1)


class Streams:
    """A log store in memory, for one task."""

    def __init__(self, stdout: bytes, stderr: bytes) -> None:
        self.streams = {"stdout": stdout, "stderr": stderr}

    def read(self, _: RunId, span: LogSpan, stream: str, offset: int = 0, length: int | None = None) -> bytes:
        assert span.stdout == "0.out"
        end = None if length is None else offset + length
        return self.streams[stream][offset:end]

    def size(self, _: RunId, span: LogSpan, stream: str) -> int:
        assert span.stdout == "0.out"
        return len(self.streams[stream])


class Reading:
    """As much of a workspace as reading logs needs."""

    def __init__(self, stdout: bytes, stderr: bytes) -> None:
        self.logs = Streams(stdout, stderr)


def task(stamps: bytes) -> TaskRecord:
    return TaskRecord(
        id=TaskId(RUN, "start", 1),
        attempt=0,
        path=(),
        state=State.SUCCEEDED,
        started=0.0,
        finished=99.0,
        manifest_digest=b"",
        manifest=b"",
        targets=(),
        split=None,
        label="",
        reads=(),
        failure=None,
        log=LogSpan("0.out", "0.err", 0, 0, 0, 0),
        stamps=stamps,
        usage=Usage(),
        origin=None,
    )


def read(stdout: bytes, stderr: bytes, samples: list[tuple[float, int, int]], **more: Any) -> list[Piece]:
    workspace = cast("Workspace", Reading(stdout, stderr))
    return list(pieces(workspace, RUN, task(logs.pack(samples)), more.pop("streams", log_reading.STREAMS), **more))


_text = st.text(alphabet="ab\n", max_size=60).map(str.encode)


@given(_text, _text, st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=6), st.booleans())
def test_nothing_is_lost_and_lines_stay_whole(
    stdout: bytes, stderr: bytes, cuts: list[tuple[int, int]], timed: bool
) -> None:
    at = (0, 0)
    samples = []
    for when, (out, err) in enumerate(cuts):
        at = (max(at[0], min(out, len(stdout))), max(at[1], min(err, len(stderr))))
        samples.append((float(when), *at))

    found = read(stdout, stderr, samples, timed=timed)

    for stream, data in (("stdout", stdout), ("stderr", stderr)):
        whole = b"".join(piece.data for piece in found if piece.stream == stream)
        assert whole == (data if not data or data.endswith(b"\n") else data + b"\n")
    assert all(piece.data.endswith(b"\n") for piece in found)


def test_the_streams_come_in_the_order_in_which_they_were_written() -> None:
    samples = [(1.0, 2, 0), (2.0, 2, 2), (3.0, 4, 2)]

    for timed in (True, False):
        found = read(b"a\nc\n", b"b\n", samples, timed=timed)
        assert b"".join(piece.data for piece in found) == b"a\nb\nc\n"


def test_each_line_has_the_time_at_which_it_was_seen() -> None:
    found = read(b"a\nc\n", b"b\n", [(1.0, 2, 0), (2.0, 2, 2), (3.0, 4, 2)], timed=True)

    assert [(piece.time, piece.data) for piece in found] == [(1.0, b"a\n"), (2.0, b"b\n"), (3.0, b"c\n")]


def test_one_stream_is_read_in_large_pieces_whatever_the_samples() -> None:
    data = b"line\n" * 10_000

    found = read(data, b"", [(float(at), at * 5, 0) for at in range(10_000)], timed=False, streams=["stdout"])

    assert len(found) == 1


def test_memory_is_bounded_by_the_piece() -> None:
    data = b"x" * 99 + b"\n"

    found = read(data * 50_000, b"", [], timed=False)

    assert max(len(piece.data) for piece in found) <= log_reading.PIECE + 100
    assert sum(len(piece.data) for piece in found) == 5_000_000


def test_every_line_of_a_piece_gets_the_prefix() -> None:
    assert prefixed(b"a\n\nb\n", b"> ") == b"> a\n> \n> b\n"
    assert prefixed(b"a\n", b"") == b"a\n"
