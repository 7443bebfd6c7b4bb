"""Tests of `metadata.batch`: the events of one append, folded to what must be written."""

from flagstone.metadata.batch import fold
from flagstone.model.events import AnyEvent, Notice, RunEnded, TaskOutput, TasksExpected
from flagstone.model.ids import RunId
from flagstone.model.states import State
from flagstone.testing.samples import ended, started


def test_an_attempt_that_started_and_ended_is_written_once() -> None:
    batch = fold([started(1), started(2), ended(1), started(2, attempt=1)])

    assert [(w.number, w.attempt, w.state) for w in batch.tasks.values()] == [
        (1, 0, State.SUCCEEDED),
        (2, 0, State.RUNNING),
        (2, 1, State.RUNNING),
    ]


def test_what_is_expected_adds_up() -> None:
    events = [TasksExpected(time=1.0, step="work", count=2), TasksExpected(time=1.0, step="work", count=40)]

    assert fold(events).expected == {"work": 42}


def test_what_leaves_no_record_leaves_an_empty_batch() -> None:
    quiet: list[AnyEvent] = [
        Notice(time=1.0, text="hello"),
        TaskOutput(time=1.0, step="work", number=1, stream="stdout", data=b"hello\n"),
    ]

    assert not fold(quiet)
    assert not fold([])
    assert fold([*quiet, RunEnded(time=1.0, run=RunId("Tidal", 1), state=State.FAILED)])
