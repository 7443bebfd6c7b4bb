"""The events of one append, folded to what must be written: an attempt that started and ended is one row."""

from collections.abc import Iterable

from msgspec import Struct, field

from flagstone.metadata.rules import task_state
from flagstone.model.artifacts import Split
from flagstone.model.events import AnyEvent, RunEnded, TaskEnded, TasksExpected, TaskStarted
from flagstone.model.ids import RunId, TaskId
from flagstone.model.jobs import Failure, LogSpan, Usage
from flagstone.model.records import TaskRecord
from flagstone.model.states import State


class TaskDetail(Struct, frozen=True, array_like=True):
    """What is recorded about an attempt and never searched for, as one msgpack value."""

    targets: tuple[str, ...] = ()
    split: Split | None = None
    label: str = ""
    reads: tuple[str, ...] = ()
    failure: Failure | None = None
    log: LogSpan | None = None
    stamps: bytes = b""
    usage: Usage = Usage()
    origin: tuple[str, int] | None = None
    origin_number: int = 0
    pid: int = 0  # while it runs
    laps: tuple[int, ...] = ()


class TaskWrite(Struct, frozen=True):
    """An attempt as it is after the batch."""

    number: int
    attempt: int
    step: str
    path: tuple[int, ...]
    state: State
    started: float
    finished: float | None
    manifest_digest: bytes
    manifest: bytes
    detail: TaskDetail


class Batch(Struct):
    """What a batch of events comes to."""

    tasks: dict[tuple[int, int], TaskWrite] = field(default_factory=dict)  # by number and attempt, in order
    expected: dict[str, int] = field(default_factory=dict)  # more tasks, by step
    ended: RunEnded | None = None

    def __bool__(self) -> bool:
        return bool(self.tasks or self.expected or self.ended)


def fold(events: Iterable[AnyEvent]) -> Batch:
    """Fold events in their order; those that leave no record are passed over."""
    batch = Batch()
    for event in events:
        if isinstance(event, TaskEnded):
            batch.tasks[event.number, event.attempt] = _ended(event)
        elif isinstance(event, TaskStarted):
            batch.tasks[event.number, event.attempt] = _started(event)
        elif isinstance(event, TasksExpected):
            batch.expected[event.step] = batch.expected.get(event.step, 0) + event.count
        elif isinstance(event, RunEnded):
            batch.ended = event
    return batch


def _started(event: TaskStarted) -> TaskWrite:
    return TaskWrite(
        number=event.number,
        attempt=event.attempt,
        step=event.step,
        path=event.path,
        state=State.RUNNING,
        started=event.time,
        finished=None,
        manifest_digest=b"",
        manifest=b"",
        detail=TaskDetail(log=event.log, pid=event.pid, laps=event.laps),
    )


def _ended(event: TaskEnded) -> TaskWrite:
    origin = event.origin
    return TaskWrite(
        number=event.number,
        attempt=event.attempt,
        step=event.step,
        path=event.path,
        state=event.state,
        started=event.started,
        finished=event.time,
        manifest_digest=event.manifest_digest,
        manifest=event.manifest,
        detail=TaskDetail(
            targets=event.targets,
            split=event.split,
            label=event.label,
            reads=event.reads,
            failure=event.failure,
            log=event.log,
            stamps=event.stamps,
            usage=event.usage,
            origin=(origin.flow, origin.number) if origin else None,
            origin_number=event.origin_number,
            laps=event.laps,
        ),
    )


def record(run: RunId, write: TaskWrite, *, run_state: State, with_manifest: bool) -> TaskRecord:
    """The record that readers get of an attempt in a run that is in `run_state`."""
    detail = write.detail
    return TaskRecord(
        id=TaskId(run, write.step, write.number),
        attempt=write.attempt,
        path=write.path,
        state=task_state(write.state, run_state),
        started=write.started,
        finished=write.finished,
        manifest_digest=write.manifest_digest,
        manifest=write.manifest if with_manifest else b"",
        targets=detail.targets,
        split=detail.split,
        label=detail.label,
        reads=detail.reads,
        failure=detail.failure,
        log=detail.log,
        stamps=detail.stamps,
        usage=detail.usage,
        origin=RunId(*detail.origin) if detail.origin else None,
        origin_number=detail.origin_number,
        pid=detail.pid,
        laps=detail.laps,
    )


class StepTotals(Struct):
    """What `count_tasks` says about a step, while it is put together; false as long as it has no times."""

    expected: int = 0
    states: dict[State, int] = field(default_factory=dict)
    started: float | None = None
    finished: float | None = None

    def __bool__(self) -> bool:
        return self.started is not None

    def stretch(self, write: TaskWrite) -> None:
        """Let an attempt count for the step's times, unless it was cloned: then it took place in another run."""
        if write.detail.origin is not None:
            return
        self.started = write.started if self.started is None else min(self.started, write.started)
        if write.finished is not None:
            self.finished = write.finished if self.finished is None else max(self.finished, write.finished)

    def shown(self, run_state: State) -> dict[str, float]:
        """The form that the port gives back."""
        shown: dict[str, float] = {}
        for state, count in self.states.items():
            if count:
                seen = task_state(state, run_state)
                shown[seen] = shown.get(seen, 0) + count
        shown["expected"] = self.expected
        if self.started is not None:
            shown["started"] = self.started
        if self.finished is not None:
            shown["finished"] = self.finished
        return shown
