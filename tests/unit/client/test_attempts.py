"""Older attempts of a task are read like the newest one."""

import pickle

import pytest

from flagstone.client import DataArtifact, Run, Task
from flagstone.model.errors import NotFound
from flagstone.model.ids import RunId
from flagstone.model.jobs import Failure, LogSpan
from flagstone.model.states import State
from tests.unit.client.history import History, done


@pytest.fixture
def retried(history: History) -> RunId:
    """A run whose first task failed, and succeeded at its second attempt."""
    run = history.begin(system_tags=("user:ada", "runtime:local", "python_version:3.12.1"))
    history.logs.files[run, "0.out"] = b"first try\nsecond try\n"
    failure = Failure("builtins.OSError", "busy", "")
    first, second = LogSpan("0.out", "0.err", 0, 0, 10, 0), LogSpan("0.out", "0.err", 10, 0, 21, 0)
    history.record(run, done(1, "start", {"x": 1}, state=State.FAILED, failure=failure, log=first, will_retry=True))
    history.record(run, done(1, "start", {"x": 2}, attempt=1, log=second))
    return history.end(run)


def test_a_task_shows_its_newest_attempt_unless_another_is_asked_for(retried: RunId) -> None:
    newest, first = Task(f"{retried}/start/1"), Task(f"{retried}/start/1", attempt=0)

    assert (newest.current_attempt, newest.successful, newest.data.x) == (1, True, 2)
    assert (first.current_attempt, first.successful, first.data.x) == (0, False, 1)
    assert (newest.stdout, first.stdout) == ("second try\n", "first try\n")
    assert str(first.exception) == "OSError: busy"
    assert DataArtifact(f"{retried}/start/1/x", attempt=0).data == 1
    assert newest != first
    assert "attempt 0" in repr(first)


def test_a_task_lists_its_attempts(retried: RunId) -> None:
    attempts = Run(str(retried))["start"].task.attempts

    assert [(task.current_attempt, task.status) for task in attempts] == [(0, "failed"), (1, "succeeded")]
    assert pickle.loads(pickle.dumps(attempts[0])).data.x == 1


def test_an_attempt_that_never_was_is_not_found(retried: RunId) -> None:
    with pytest.raises(NotFound, match=r"attempt 5 of task Tidal/1/start/1.*attempt 0 and attempt 1"):
        Task(f"{retried}/start/1", attempt=5)
    with pytest.raises(NotFound, match="task Tidal/1/start/9"):
        Task(f"{retried}/start/9", attempt=0)


def test_facts_about_a_task_come_as_a_list_and_as_a_dict(retried: RunId) -> None:
    task = Task(f"{retried}/start/1")

    assert {entry.name: entry.value for entry in task.metadata} == task.metadata_dict
    assert {entry.task for entry in task.metadata} == {"Tidal/1/start/1"}
    assert (task.runtime_name, task.code) == ("local", None)
    assert task.environment_info == {"runtime": "local", "python_version": "3.12.1", "user": "ada"}
    assert task.parent.environment_info == task.parent.parent.environment_info == task.environment_info
