"""Lines of tasks that ran side by side come in the order in which they were printed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from flagstone.app.settings import Settings
from flagstone.app.workspace import Workspace, open_workspace
from flagstone.cli import log_merging
from flagstone.cli.log_merging import merged
from flagstone.model import logs
from flagstone.model.ids import RunId
from flagstone.model.jobs import LogSpan
from flagstone.model.records import TaskQuery
from flagstone.testing.samples import ended, new_run


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """A fresh home."""
    workspace = open_workspace(Settings(home=tmp_path / "home", user="ann"))
    yield workspace
    workspace.metadata.close()


def printed(workspace: Workspace, run: RunId, number: int, lines: list[tuple[float, str]], started: float) -> None:
    """Record a task that printed these lines at these times to a slot of its own."""
    folder = workspace.home / "logs" / run.flow / str(run.number)
    folder.mkdir(parents=True, exist_ok=True)
    data, samples = b"", []
    for when, line in lines:
        data += f"{line}\n".encode()
        samples.append((when, len(data), 0))
    (folder / f"{number}.out").write_bytes(data)
    span = LogSpan(f"{number}.out", f"{number}.err", 0, 0, len(data), 0)
    event = ended(number, log=span, stamps=logs.pack(samples), started=started, time=lines[-1][0] - 0.5)
    workspace.metadata.append(run, [event])


def lines_of(workspace: Workspace, run: RunId) -> list[str]:
    tasks = workspace.metadata.tasks(run, TaskQuery())
    return [
        line
        for _, piece in merged(workspace, run, tasks, ["stdout", "stderr"])
        for line in piece.data.decode().splitlines()
    ]


def test_lines_of_tasks_that_overlap_are_merged(workspace: Workspace) -> None:
    run = workspace.metadata.begin_run(new_run())
    printed(workspace, run, 1, [(11.0, "a"), (14.0, "d"), (17.0, "f")], started=10.0)
    printed(workspace, run, 2, [(12.0, "b"), (13.0, "c"), (18.0, "g")], started=10.0)
    printed(workspace, run, 3, [(15.0, "e")], started=14.5)

    assert lines_of(workspace, run) == list("abcdefg")


def test_a_task_with_a_high_number_may_have_been_first(workspace: Workspace) -> None:
    run = workspace.metadata.begin_run(new_run())
    printed(workspace, run, 1, [(30.0, "late")], started=29.0)
    printed(workspace, run, 2, [(20.0, "early")], started=19.0)

    assert lines_of(workspace, run) == ["early", "late"]


def test_many_tasks_are_read_again_in_portions(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_merging, "CHUNK", 2)
    run = workspace.metadata.begin_run(new_run())
    for number in range(1, 8):
        printed(workspace, run, number, [(100.0 - number, f"{number}")], started=90.0 - number)

    assert lines_of(workspace, run) == list("7654321")


def test_silent_tasks_say_nothing(workspace: Workspace) -> None:
    run = workspace.metadata.begin_run(new_run())
    workspace.metadata.append(run, [ended(1)])

    assert lines_of(workspace, run) == []
