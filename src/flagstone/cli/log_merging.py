"""The output of many tasks in the order of time, with no more of them open at once than ran at once."""

import heapq
from collections.abc import Iterable, Iterator, Sequence

from flagstone.app.workspace import Workspace
from flagstone.cli.log_reading import Piece, pieces
from flagstone.model.ids import RunId
from flagstone.model.records import TaskQuery, TaskRecord

CHUNK = 200
UNKNOWN = float("inf")

_Key = tuple[float, int, int]  # when an attempt began, its task's number, its own
_Open = tuple[float, int, int, Piece, TaskRecord, Iterator[Piece]]


def merged(
    workspace: Workspace, run: RunId, tasks: Iterable[TaskRecord], streams: Sequence[str]
) -> Iterator[tuple[TaskRecord, Piece]]:
    """Everything that these attempts printed so far, piece by piece as it was printed."""
    keys = sorted((task.started, task.id.number, task.attempt) for task in tasks if task.log is not None)
    waiting = _again(workspace, run, keys)
    beginner = next(waiting, None)
    heap: list[_Open] = []
    while heap or beginner is not None:
        while beginner is not None and (not heap or beginner.started <= heap[0][0]):
            _go_on(heap, beginner, pieces(workspace, run, beginner, streams, timed=True))
            beginner = next(waiting, None)
        if heap:
            *_, piece, task, rest = heapq.heappop(heap)
            yield task, piece
            _go_on(heap, task, rest)


def _go_on(heap: list[_Open], task: TaskRecord, rest: Iterator[Piece]) -> None:
    """Let an attempt wait in the heap with its next piece; no two of them ever compare more than their names."""
    piece = next(rest, None)
    if piece is not None:
        heapq.heappush(heap, (piece.time or UNKNOWN, task.id.number, task.attempt, piece, task, rest))


def _again(workspace: Workspace, run: RunId, keys: Sequence[_Key]) -> Iterator[TaskRecord]:
    """The records again in the order of `keys`: all of a large run at once would take too much memory."""
    for start in range(0, len(keys), CHUNK):
        chunk = [(number, attempt) for _, number, attempt in keys[start : start + CHUNK]]
        query = TaskQuery(numbers=tuple(number for number, _ in chunk), every_attempt=True)
        found = {(task.id.number, task.attempt): task for task in workspace.metadata.tasks(run, query)}
        yield from (found[key] for key in chunk if key in found)
