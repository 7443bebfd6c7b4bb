"""Every event is one line of JSON that a program can read without knowing our records."""

import io
import json
from typing import Any

from flagstone.engine.observers.json_lines import JsonLines
from flagstone.engine.observers.sink import StreamSink
from flagstone.model.events import AnyEvent
from flagstone.model.states import State
from tests.unit.engine.observers.recorded import FAILURE, ended, output, run_ended, run_started, small_run


def lines(events: list[AnyEvent]) -> list[dict[str, Any]]:
    stream = io.StringIO()
    observer = JsonLines(StreamSink(stream))
    for event in events:
        observer.on(event)
    observer.tick()
    observer.close()
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_run_is_as_many_objects_as_events() -> None:
    found = lines(small_run())

    assert [line["event"] for line in found] == [type(event).__name__ for event in small_run()]
    assert {line["run"] for line in found} == {"EachFlow/3"}
    assert found[0]["parameters"] == {"n": "3"}
    assert found[0]["plan"]["steps"][0]["name"] == "start"
    assert found[-1]["state"] == "succeeded"


def test_a_task_is_named_by_its_pathspec_and_its_bytes_stay_out() -> None:
    task = lines([run_started(), ended("start", 1)])[1]

    assert task["task"] == "EachFlow/3/start/1"
    assert task["split"] == {"variable": "items", "count": 3}
    assert task["usage"] == {"cpu_seconds": 0.25, "peak_memory": 1024}
    assert not {"manifest", "manifest_digest", "stamps"} & task.keys()


def test_a_failure_is_an_object_with_names() -> None:
    task = lines([run_started(), ended("work", 7, State.FAILED, failure=FAILURE), run_ended(State.FAILED)])[1]

    assert task["failure"]["type"] == "builtins.ValueError"
    assert task["failure"]["traceback"].startswith("Traceback")


def test_output_is_text_whatever_was_printed() -> None:
    printed = lines([run_started(), output("work", 7, b"caf\xc3\xa9\n\xff")])[1]

    assert (printed["task"], printed["stream"], printed["data"]) == ("EachFlow/3/work/7", "stdout", "café\n�")
