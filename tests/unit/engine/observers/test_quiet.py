"""Quiet says nothing, until a run ends badly."""

import io

from flagstone.engine.observers.quiet import Quiet
from flagstone.engine.observers.sink import StreamSink
from flagstone.model.events import AnyEvent
from flagstone.model.states import State
from tests.unit.engine.observers.recorded import FAILURE, ended, run_ended, run_started, small_run


def said(events: list[AnyEvent]) -> str:
    stream = io.StringIO()
    observer = Quiet(StreamSink(stream), again="python flow.py resume")
    for event in events:
        observer.on(event)
        observer.tick()
    observer.close()
    return stream.getvalue()


def test_a_good_run_is_silent() -> None:
    assert said(small_run()) == ""


def test_a_bad_end_is_told_in_full() -> None:
    told = said([run_started(), ended("work", 7, State.FAILED, failure=FAILURE), run_ended(State.FAILED)])

    assert "ValueError: item five is bad" in told
    assert "flagstone logs EachFlow/3/work/7" in told
    assert "python flow.py resume" in told
