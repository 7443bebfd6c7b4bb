"""Tests of `client.task`, `client.artifact` and `client.task_log`: artifacts, output, failures, relatives."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from flagstone.client import DataArtifact, Run, Step, Task
from flagstone.kit.digest import digest_of
from flagstone.model import logs
from flagstone.model.artifacts import BlobRef
from flagstone.model.errors import InvalidPathspec, NoSuchArtifact, NotFound
from flagstone.model.ids import RunId
from flagstone.model.jobs import Failure, LogSpan, Usage
from flagstone.model.states import State
from flagstone.testing.samples import started
from tests.unit.client.history import PLAN, History, artifact, done, manifest, pickled


def test_artifacts_are_read_by_name_and_by_dot(history: History) -> None:
    history.linear(constants=manifest({"alpha": 3, "x": "hidden by the task's own"}))

    task = Task("Tidal/1/start/1")

    assert task["x"].data == [1, 2]
    assert task.data.x == [1, 2]
    assert task.data.x is not task["x"].data
    assert task["alpha"].data == task.data.alpha == 3
    assert task.artifacts.alpha.data == 3
    assert "x" in task
    assert "y" not in task
    assert hasattr(task.data, "x")
    assert not hasattr(task.data, "y")
    assert "x" in task.data
    assert list(task.data) == ["alpha", "x"]
    assert len(task.artifacts) == 2
    assert not hasattr(task.artifacts, "y")


def test_a_missing_artifact_is_an_attribute_error_that_lists_those_that_are_there(history: History) -> None:
    history.linear()
    task = Task("Tidal/1/start/1")

    with pytest.raises(NoSuchArtifact, match=r"Tidal/1/start/1 has no attribute 'y'.*[Ii]t has x"):
        _ = task.data.y
    with pytest.raises(AttributeError):
        _ = task.artifacts.y
    with pytest.raises(KeyError, match="no artifact 'y'"):
        task["y"]
    with pytest.raises(NotFound, match="artifact Tidal/1/start/1/y"):
        DataArtifact("Tidal/1/start/1/y")


def test_names_with_an_underscore_are_there_but_not_listed(history: History) -> None:
    run = history.begin()
    history.record(run, done(1, "start", {"_secret": 1, "open": 2}))

    task = Run("Tidal/1")["start"].task

    assert [one.id for one in task] == ["open"]
    assert task["_secret"].data == 1
    assert task.data._secret == 1
    assert dir(task.data) == dir(task.artifacts) == ["open"]


def test_an_artifact_says_what_it_is_without_being_loaded(history: History) -> None:
    history.linear()

    found = DataArtifact("Tidal/1/end/2/answer")
    facts = (found.id, found.pathspec, found.type, found.preview, found.size, found.sha)
    shown = (
        repr(found) + found._repr_html_() + repr(found.parent) + found.parent._repr_html_() + repr(found.parent.data)
    )

    assert facts[:4] == ("answer", "Tidal/1/end/2/answer", "int", "42")
    assert found.sha == artifact(42).digest.hex()
    assert "int" in shown
    assert repr(found).startswith("DataArtifact('Tidal/1/end/2/answer')  int  ")
    assert found.created_at == datetime(1970, 1, 1, 0, 0, 10, tzinfo=UTC)
    assert found.finished_at == datetime(1970, 1, 1, 0, 0, 20, tzinfo=UTC)
    assert history.artifacts.loads == 0
    assert found.data == 42
    assert history.artifacts.loads == 1


class Bomb:
    """Goes off when it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return exec, ("raise SystemExit('unpickled')",)


def test_nothing_but_data_ever_unpickles(history: History) -> None:
    run = history.begin()
    history.record(run, done(1, "start", {"bomb": Bomb()}))
    history.end(run)

    task = Run("Tidal/1")["start"].task
    for each in [task, *task, task.artifacts, task.data, Run("Tidal/1")]:
        repr(each)
    assert task._repr_html_()
    assert "bomb" in task

    with pytest.raises(SystemExit, match="unpickled"):
        _ = task.data.bomb


def test_a_manifest_that_lies_in_the_blob_store_is_fetched_when_it_is_needed(history: History) -> None:
    body = manifest({"x": 9})
    history.artifacts.blobs[digest_of(body)] = body
    run = history.begin()
    history.record(run, done(1, "start", manifest=b"", manifest_digest=digest_of(body)))

    assert Task("Tidal/1/start/1").data.x == 9
    assert history.artifacts.read_manifest(BlobRef(digest_of(body), 0)) == body


def test_a_failed_task_says_why_and_keeps_what_it_had(history: History) -> None:
    run = history.begin()
    failure = Failure("builtins.ValueError", "item five is bad", "Traceback ...\nValueError: item five is bad\n")
    history.record(run, done(1, "start", {"progress": 3}, state=State.FAILED, failure=failure))
    history.end(run, State.FAILED)

    task = Run("Tidal/1")["start"].task

    assert (task.status, task.successful, task.finished) == ("failed", False, True)
    assert task.exception is not None
    assert (task.exception.type, task.exception.message) == ("builtins.ValueError", "item five is bad")
    assert task.exception.exception == "item five is bad"
    assert task.exception.stacktrace.startswith("Traceback")
    assert str(task.exception) == "ValueError: item five is bad"
    assert task.data.progress == 3
    assert "item five is bad" in repr(task)


def test_a_task_tells_its_place_its_times_and_what_it_used(history: History) -> None:
    run = history.begin()
    history.record(run, done(7, "work", path=(3, 1), attempt=2, label="Tuesday", usage=Usage(1.5, 1 << 20)))

    task = Task("Tidal/1/work/7")

    assert (task.id, task.index, task.path, task.label) == ("7", 1, (3, 1), "Tuesday")
    assert task.current_attempt == 2
    assert task.created_at == datetime(1970, 1, 1, 0, 0, 10, tzinfo=UTC)
    assert task.finished_at == datetime(1970, 1, 1, 0, 0, 20, tzinfo=UTC)
    assert task.exception is None
    assert task.origin_pathspec is None
    assert task.parent == Step("Tidal/1/work")
    assert task.metadata_dict["peak-memory"] == 1 << 20
    assert task.metadata_dict["attempt"] == 2
    assert Task("Tidal/latest/work/7") == task


def test_what_is_no_task_is_not_found(history: History) -> None:
    history.linear()

    for missing in ("Tidal/1/start/2", "Tidal/1/middle/1", "Tidal/9/start/1"):
        with pytest.raises(NotFound):
            Task(missing)
    for wrong in ("Tidal/1/start", "Tidal/1/start/x"):
        with pytest.raises(InvalidPathspec):
            Task(wrong)


# --- output -----------------------------------------------------------------------------------------------------


def test_output_is_the_range_of_bytes_that_belongs_to_the_task(history: History) -> None:
    run = history.begin()
    history.logs.files[run, "0.out"] = b"before|one\ntwo\xff\n|after"
    span = LogSpan("0.out", "0.err", 7, 0, 16, 0)
    stamps = logs.pack([(100.0, 4, 0), (200.0, 9, 0)])
    history.record(run, done(1, "start", log=span, stamps=stamps))

    task = Task("Tidal/1/start/1")

    assert task.stdout == "one\ntwo\ufffd\n"
    assert (task.stdout_size, task.stderr, task.stderr_size) == (9, "", 0)
    first, second = task.loglines("stdout")
    assert first == (datetime(1970, 1, 1, 0, 1, 40, tzinfo=UTC), "one")
    assert second == (datetime(1970, 1, 1, 0, 3, 20, tzinfo=UTC), "two\ufffd")
    assert [line for _, line in task.loglines("stdout", as_unicode=False)] == [b"one", b"two\xff"]
    with pytest.raises(ValueError, match="say 'stdout' or 'stderr'"):
        list(task.loglines("stdin"))


def test_the_output_of_a_running_task_is_what_there_is_by_now(history: History) -> None:
    run = history.begin()
    history.logs.files[run, "0.out"] = b"so far"
    history.record(run, started(1, log=LogSpan("0.out", "0.err", 0, 0)))

    task = Task("Tidal/1/start/1")

    assert task.stdout == "so far"
    assert list(task.loglines("stdout")) == [(task.created_at, "so far")]


def test_a_cloned_task_reads_the_output_of_the_run_where_it_took_place(history: History) -> None:
    origin = history.linear(State.FAILED)
    history.logs.files[origin, "2.out"] = b"said in run 1\n"
    run = history.begin(origin=origin)
    span = LogSpan("2.out", "2.err", 0, 0, 14, 0)
    history.record(run, done(4, "start", {"x": 5}, log=span, origin=origin, origin_number=1))

    task = Task("Tidal/2/start/4")

    assert task.stdout == "said in run 1\n"
    assert task.origin_pathspec == "Tidal/1/start/1"
    assert task.metadata_dict["origin-run-id"] == "1"


def test_a_task_without_a_log_said_nothing(history: History) -> None:
    history.linear()

    task = Task("Tidal/1/start/1")

    assert (task.stdout, task.stdout_size, list(task.loglines("stderr"))) == ("", 0, [])


# --- relatives --------------------------------------------------------------------------------------------------


@pytest.fixture
def family(history: History) -> RunId:
    """The whole of `PLAN` with two days: numbers 1 start; 2, 3 work; 4, 5 wind; 6, 7 sun; 8, 9 day; 10 tide; 11 end."""
    run = history.begin()
    history.record(run, done(1, "start", targets=("work",)))
    for number, step, targets in ((2, "work", ("wind", "sun")), (4, "wind", ("day",)), (6, "sun", ("day",))):
        history.record(run, *(done(number + day, step, path=(day,), targets=targets) for day in (0, 1)))
    history.record(run, *(done(8 + day, "day", path=(day,), targets=("tide",)) for day in (0, 1)))
    history.record(run, done(10, "tide", targets=("end",)), done(11, "end"))
    return history.end(run)


@pytest.mark.usefixtures("family")
@pytest.mark.parametrize(
    ("task", "parents", "children"),
    [
        ("start/1", [], ["work/2", "work/3"]),
        ("work/3", ["start/1"], ["wind/5", "sun/7"]),
        ("sun/6", ["work/2"], ["day/8"]),
        ("day/9", ["wind/5", "sun/7"], ["tide/10"]),
        ("tide/10", ["day/8", "day/9"], ["end/11"]),
        ("end/11", ["tide/10"], []),
    ],
)
def test_a_task_knows_where_it_came_from_and_where_it_led(task: str, parents: list[str], children: list[str]) -> None:
    found = Task(f"Tidal/1/{task}")

    assert list(found.parent_task_pathspecs) == [f"Tidal/1/{parent}" for parent in parents]
    assert list(found.child_task_pathspecs) == [f"Tidal/1/{child}" for child in children]


def test_a_value_of_the_flows_own_class_is_found_in_its_file(history: History, tmp_path: Path) -> None:
    file = tmp_path / "tidal.py"
    file.write_text("class Wave:\n    height = 3\nif __name__ == '__main__':\n    raise SystemExit('started')\n")
    run = history.begin(plan=msgspec.structs.replace(PLAN, file=str(file)))
    wave = pickled(b"\x80\x04\x8c\x08__main__\x94\x8c\x04Wave\x94\x93\x94)\x81\x94.", "Wave", "a wave")
    gone = pickled(b"\x80\x04\x8c\x08__main__\x94\x8c\x04Gone\x94\x93\x94)\x81\x94.", "Gone", "gone")
    history.record(run, done(1, "start", {"wave": wave, "gone": gone}))

    task = Task("Tidal/1/start/1")

    assert task.data.wave.height == 3
    with pytest.raises(Exception, match="Tidal/1/start/1/gone"):
        _ = task.data.gone
