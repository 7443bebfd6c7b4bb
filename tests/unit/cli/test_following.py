"""Following never prints what the next task of a slot wrote as if it were this one's."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import msgspec
import pytest

from flagstone.app.workspace import Workspace
from flagstone.cli import following
from flagstone.cli.log_reading import Piece
from flagstone.model.ids import Pathspec, RunId, TaskId
from flagstone.model.jobs import LogSpan, Usage
from flagstone.model.records import RunQuery, RunRecord, TaskQuery, TaskRecord
from flagstone.model.states import State
from flagstone.store.logs import DirectoryLogStore

RUN = RunId("F", 1)

_RUNNING = TaskRecord(
    id=TaskId(RUN, "a", 1),
    attempt=0,
    path=(),
    state=State.RUNNING,
    started=0.0,
    finished=None,
    manifest_digest=b"",
    manifest=b"",
    targets=(),
    split=None,
    label="",
    reads=(),
    failure=None,
    log=LogSpan("0.out", "0.err", 0, 0),
    stamps=b"",
    usage=Usage(),
    origin=None,
)


class Moments:
    """A metadata store that is another one at each look; `acts` happen before a look is answered."""

    def __init__(self, looks: list[tuple[State, list[TaskRecord], Callable[[], object]]]) -> None:
        self._looks = iter(looks)
        self._tasks: list[TaskRecord] = []

    def run(self, run: RunId) -> RunRecord:
        state, self._tasks, act = next(self._looks)
        act()
        return RunRecord(
            id=run,
            state=state,
            user="ann",
            created=0.0,
            finished=None,
            namespace="user:ann",
            tags=(),
            system_tags=(),
            parameters={},
            plan_digest=b"",
            constants=b"",
            origin=None,
        )

    def runs(self, _: RunQuery) -> list[RunRecord]:
        return []

    def tasks(self, _: RunId, query: TaskQuery) -> Iterator[TaskRecord]:
        assert query.step is None
        return iter(self._tasks)


class World:
    """As much of a workspace as following needs."""

    def __init__(self, metadata: Moments, logs: DirectoryLogStore) -> None:
        self.metadata = metadata
        self.logs = logs


def ended(task: TaskRecord, end: int) -> TaskRecord:
    return msgspec.structs.replace(
        task, state=State.SUCCEEDED, finished=1.0, log=LogSpan("0.out", "0.err", 0, 0, end, 0)
    )


def test_bytes_are_printed_once_it_is_sure_whose_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "PAUSE", 0.0)
    folder = tmp_path / "F" / "1"
    folder.mkdir(parents=True)
    file = folder / "0.out"
    file.write_bytes(b"mine\n")

    def next_task_writes() -> None:
        file.write_bytes(b"mine\nof the next\n")

    next_task = msgspec.structs.replace(_RUNNING, id=TaskId(RUN, "b", 2), log=LogSpan("0.out", "0.err", 5, 0, 17, 0))
    over = [ended(_RUNNING, 5), msgspec.structs.replace(next_task, state=State.SUCCEEDED, finished=2.0)]
    looks: list[tuple[State, list[TaskRecord], Callable[[], object]]] = [
        (State.RUNNING, [_RUNNING], lambda: None),
        (State.RUNNING, [_RUNNING], next_task_writes),  # the engine has not recorded the end yet
        (State.SUCCEEDED, over, lambda: None),
    ]
    world = cast("Workspace", World(Moments(looks), DirectoryLogStore(tmp_path)))
    printed: list[tuple[str, bytes]] = []

    def show(task: TaskRecord, piece: Piece) -> None:
        printed.append((task.id.step, piece.data))

    following.follow(world, RUN, Pathspec("F", "1"), ["stdout"], show)

    assert printed == [("a", b"mine\n"), ("b", b"of the next\n")]


def test_a_task_that_is_tried_again_is_followed_to_its_last_attempt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "PAUSE", 0.0)
    folder = tmp_path / "F" / "1"
    folder.mkdir(parents=True)
    (folder / "0.out").write_bytes(b"first\nsecond\n")
    first = msgspec.structs.replace(ended(_RUNNING, 6), state=State.FAILED)
    again = msgspec.structs.replace(_RUNNING, attempt=1, log=LogSpan("0.out", "0.err", 6, 0))
    second = msgspec.structs.replace(ended(again, 13), log=LogSpan("0.out", "0.err", 6, 0, 13, 0))
    looks: list[tuple[State, list[TaskRecord], Callable[[], object]]] = [
        (State.RUNNING, [first], lambda: None),
        (State.RUNNING, [first, again], lambda: None),
        (State.RUNNING, [first, second], lambda: None),
    ]
    world = cast("Workspace", World(Moments(looks), DirectoryLogStore(tmp_path)))
    printed: list[tuple[int, bytes]] = []

    def show(task: TaskRecord, piece: Piece) -> None:
        printed.append((task.attempt, piece.data))

    monkeypatch.setattr(following, "find_tasks", lambda world, run, path, query: world.metadata.tasks(run.id, query))
    following.follow(world, RUN, Pathspec("F", "1", "a", "1"), ["stdout"], show)

    assert printed == [(0, b"first\n"), (1, b"second\n")]
