"""`logs -f`: prints what tasks print, as they print it, until the run is over."""

import sys
import time
from collections.abc import Callable, Sequence

from flagstone.app.workspace import Workspace
from flagstone.cli.finding import find_run, find_tasks
from flagstone.cli.log_reading import STREAMS, Piece, Reader
from flagstone.kit import clock
from flagstone.model.ids import Pathspec, RunId
from flagstone.model.records import TaskQuery, TaskRecord
from flagstone.model.states import State

PAUSE = 0.3  # seconds between two looks; longer where a look takes long


class _Followed:
    """One attempt's output, and how much of it was there at the last look."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.there: tuple[int, ...] = (0, 0)
        self.over = False


def follow(
    workspace: Workspace,
    run: RunId,
    path: Pathspec,
    streams: Sequence[str],
    show: Callable[[TaskRecord, Piece], None],
) -> None:
    """Print the output of the tasks at `path`, attempt after attempt, until the run is over. Raises NotFound.

    A single task is over sooner: when it succeeded; one that failed may be tried again.
    """
    path = Pathspec(run.flow, str(run.number), path.step, path.task)
    followed: dict[tuple[int, int], _Followed] = {}
    while True:
        began = clock.monotonic()
        record = find_run(workspace, path)
        done = False
        for task in find_tasks(workspace, record, path, TaskQuery(every_attempt=True)):
            one = followed.get((task.id.number, task.attempt))
            if one is None:
                one = followed[task.id.number, task.attempt] = _Followed(
                    Reader(workspace, task.origin or run, task, streams)
                )
            if not one.over:
                _look(workspace, run, task, one, show)
            done = one.over and task.state is State.SUCCEEDED
        sys.stdout.flush()
        if record.state.finished or (path.task is not None and done):
            return
        time.sleep(max(PAUSE, 4 * (clock.monotonic() - began)))


def _look(
    workspace: Workspace, run: RunId, task: TaskRecord, one: _Followed, show: Callable[[TaskRecord, Piece], None]
) -> None:
    """Print what is new.

    The file of a task that ended goes on with the next task of its slot. So, of a task that is still running, only
    what was there at the last look is printed: had it been the next task's, this one would be recorded as over.
    """
    if task.log is None:
        one.over = task.state.finished
        return
    sizes = tuple(workspace.logs.size(task.origin or run, task.log, stream) for stream in STREAMS)
    ends = sizes if task.state.finished else one.there
    for piece in one.reader.up_to(clock.now(), ends, last=task.state.finished):
        show(task, piece)
    one.there = sizes
    one.over = task.state.finished
