"""Tests of `client.run` and `client.step`: how a run went, its steps, its results, its tags."""

import pickle
from datetime import UTC, datetime

import pytest

from flagstone.client import Flow, Run, Step, get_namespace, namespace
from flagstone.metadata.memory import MemoryMetadataStore
from flagstone.model.errors import InvalidPathspec, InvalidTag, NamespaceMismatch, NotFound
from flagstone.model.events import TasksExpected
from flagstone.model.ids import RunId
from flagstone.model.states import State
from flagstone.testing.samples import started
from tests.unit.client.history import History, done, manifest


def test_a_good_run_tells_how_it_went(history: History) -> None:
    history.linear(parameters={"alpha": "3", "rate": "NaN"}, constants=manifest({"alpha": 3, "kind": "constant"}))

    run = Run("Tidal/1")

    assert (run.id, run.pathspec, run.path_components) == ("1", "Tidal/1", ["Tidal", "1"])
    assert (run.status, run.successful, run.finished) == ("succeeded", True, True)
    assert run.created_at == datetime(1970, 1, 1, 0, 16, 40, tzinfo=UTC)
    assert run.finished_at == datetime(1970, 1, 1, 0, 17, 40, tzinfo=UTC)
    assert run.duration == 60.0
    assert run.user == "ada"
    assert run.parameters["alpha"] == 3
    assert run.parameters["rate"] != run.parameters["rate"]
    assert run.origin_pathspec is None
    assert run.parent == Flow("Tidal")
    assert run.data is not None
    assert (run.data.answer, run.data.alpha, run.data.kind) == (42, 3, "constant")


@pytest.mark.parametrize("state", [State.FAILED, State.CANCELLED])
def test_a_run_that_did_not_succeed_is_finished_all_the_same(history: History, state: State) -> None:
    history.linear(state)

    run = Run("Tidal/1")

    assert (run.status, run.successful, run.finished) == (state.value, False, True)
    assert run.end_task is None
    assert run.data is None


def test_a_run_whose_process_vanished_is_lost(history: History) -> None:
    run = history.begin()
    history.record(run, started(1))
    assert isinstance(history.metadata, MemoryMetadataStore)
    history.metadata.vanish(run)

    seen = Run("Tidal/1")

    assert (seen.status, seen.finished, seen.finished_at, seen.duration) == ("lost", True, None, None)
    assert seen["start"].task.status == "lost"


def test_a_running_run_is_asked_again_each_time(history: History) -> None:
    run = history.begin()
    seen = Run("Tidal/latest")
    history.record(run, started(1))
    task = seen["start"].task

    before = (seen.status, seen.finished, task.status, "x" in task)
    history.record(run, done(1, "start", {"x": 7}))
    history.end(run)

    assert before == ("running", False, "running", False)
    assert (seen.status, seen.finished, task.status, task.data.x) == ("succeeded", True, "succeeded", 7)


def test_latest_is_the_newest_run_in_the_namespace(history: History) -> None:
    history.linear()
    history.linear(namespace="user:bob", system_tags=("user:bob",))

    assert Run("Tidal/latest").id == "1"
    namespace(None)
    assert Run("Tidal/latest").id == "2"


def test_what_is_not_there_is_not_found(history: History) -> None:
    history.linear()

    for missing in ("Tidal/2", "Other/1", "Other/latest"):
        with pytest.raises(NotFound):
            Run(missing)
    for wrong in ("Tidal", "Tidal/x", "Tidal/0", "Tidal/1/start", "Tidal/1/../2"):
        with pytest.raises(InvalidPathspec):
            Run(wrong)
    with pytest.raises(NotFound, match=r"step Tidal/1/middle.*start, end"):
        Step("Tidal/1/middle")


def test_a_run_of_someone_else_says_whose_it_is_and_how_to_see_it(history: History) -> None:
    history.linear(namespace="user:bob", system_tags=("user:bob",))

    with pytest.raises(NamespaceMismatch, match=r"Tidal/1 is not in the namespace 'user:ada'.*user:bob"):
        Run("Tidal/1")
    namespace("user:bob")
    run = Run("Tidal/1")
    assert run.is_in_namespace()
    assert get_namespace() == "user:bob"
    namespace("user:carol")
    assert not run.is_in_namespace()


def test_steps_that_have_tasks_come_newest_first(history: History) -> None:
    run = history.begin()
    history.record(run, TasksExpected(time=1.0, step="start", count=1), done(1, "start"))
    history.record(run, TasksExpected(time=1.0, step="work", count=2), started(2, "work", path=(0,)))
    history.record(run, TasksExpected(time=1.0, step="tide", count=1))

    seen = Run("Tidal/1")

    assert [step.id for step in seen] == ["work", "start"]
    assert [step.id for step in seen.steps()] == ["work", "start"]
    assert "tide" not in seen
    assert "work" in seen
    with pytest.raises(KeyError, match="Tidal/1 has no step 'tide'"):
        seen["tide"]
    assert seen._ipython_key_completions_() == ["work", "start"]


def test_a_step_knows_its_tasks_times_and_relatives(history: History) -> None:
    run = history.begin()
    history.record(run, done(1, "start", targets=("work",)))
    history.record(run, *(done(n, "work", path=(n - 2,), time=20.0 + n) for n in (2, 3, 4)))
    history.record(run, done(5, "wind", path=(0,)), done(6, "sun", path=(0,), state=State.FAILED))
    history.end(run, State.FAILED)

    work = Step("Tidal/1/work")

    assert (work.id, work.pathspec, work.parent) == ("work", "Tidal/1/work", Run("Tidal/1"))
    assert [task.id for task in work] == ["4", "3", "2"]
    assert work.task.id == "2"
    assert [task.index for task in work.tasks()] == [2, 1, 0]
    assert list(work.tasks("failed")) == []
    assert [task.id for task in Step("Tidal/1/sun").tasks("failed")] == ["6"]
    assert work.created_at == datetime(1970, 1, 1, 0, 0, 10, tzinfo=UTC)
    assert work.finished_at == datetime(1970, 1, 1, 0, 0, 24, tzinfo=UTC)
    assert [step.id for step in work.parent_steps] == ["start"]
    assert [step.id for step in work.child_steps] == ["wind", "sun"]
    assert work["3"] == work[3]
    assert "1" not in work
    with pytest.raises(KeyError):
        work["x"]
    assert repr(work) == "Step('Tidal/1/work')  3 succeeded"
    assert work._ipython_key_completions_() == ["4", "3", "2"]
    assert work._repr_html_().count("<tr>") == 4


def test_tags_are_added_removed_and_replaced(history: History) -> None:
    history.linear(tags=("a",))
    run = Run("Tidal/1")

    run.add_tag("b")
    run.add_tags(["c", "d"])
    run.remove_tag("a")
    run.remove_tags(["b", "never there"])
    run.replace_tag("c", "e")
    run.replace_tags(["d"], ["f", "g"])

    assert run.user_tags == frozenset("efg")
    assert run.system_tags == {"user:ada"}
    assert run.tags == run.user_tags | run.system_tags
    assert run["start"].tags == run["start"].task.tags == run["start"].task["x"].tags == run.tags
    assert Run("Tidal/1").tags == run.tags
    assert [found.id for found in Flow("Tidal").runs("e")] == ["1"]
    with pytest.raises(InvalidTag, match="system tag"):
        run.remove_tag("user:ada")
    with pytest.raises(InvalidTag, match="empty"):
        run.add_tag("")


def test_a_resumed_run_names_its_origin(history: History) -> None:
    history.linear(State.FAILED)
    history.linear(origin=RunId("Tidal", 1))

    assert Run("Tidal/2").origin_pathspec == "Tidal/1"
    assert "resumes Tidal/1" in repr(Run("Tidal/2"))


def test_a_repr_is_one_line_that_starts_with_the_constructor(history: History) -> None:
    history.linear(tags=("mine",))

    shown = repr(Run("Tidal/1"))

    assert shown.startswith("Run('Tidal/1')  succeeded  1 min 00 s  ")
    assert shown.endswith("d ago  ada  tags: mine")


def test_every_object_survives_a_pickle_with_its_namespace(history: History) -> None:
    history.linear()
    run = Run("Tidal/1")
    task = run["end"].task
    objects = [Flow("Tidal"), run, run["end"], task, task["answer"]]
    data = [pickle.dumps(one) for one in objects]
    namespace("user:nobody")

    again = [pickle.loads(one) for one in data]

    assert again == objects
    assert hash(again[1]) == hash(run)
    assert again[1].data.answer == 42
    assert [one.id for one in again[0]] == ["1"]
    assert again[4].data == 42
    assert pickle.loads(pickle.dumps(task.data)).answer == 42
    assert pickle.loads(pickle.dumps(task.artifacts)).answer.size > 0
