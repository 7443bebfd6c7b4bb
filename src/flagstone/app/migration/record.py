"""One old run as what the metadata store records: a new run, its attempts' ends, and its logs as files."""

import errno
import os
from pathlib import Path
from typing import Self

import msgspec
from msgspec import Struct

from flagstone.app.migration import inert
from flagstone.app.migration.failure import failure_of
from flagstone.app.migration.graph import graph_of, place_of, plan_of, transition_of
from flagstone.app.migration.laps import with_laps
from flagstone.app.migration.layout import OldAttempt, OldRun, OldTask
from flagstone.app.migration.logs import output_of
from flagstone.app.migration.values import Values, stored
from flagstone.app.workspace import Workspace
from flagstone.kit.files import private_directory, sync_directory
from flagstone.model.artifacts import Split, decode_artifact, decode_manifest
from flagstone.model.errors import StorageFull, UnpicklableArtifactException, UnusableHome
from flagstone.model.events import AnyEvent, RunEnded, TaskEnded, TasksExpected
from flagstone.model.ids import RunId
from flagstone.model.jobs import LogSpan, Usage
from flagstone.model.plan import Transition
from flagstone.model.records import NewRun, RunQuery, TaskQuery, TaskRecord
from flagstone.model.states import State

ID_TAG = "metaflow_run_id"
OUT, ERR = "metaflow.out", "metaflow.err"


class Moved(Struct, frozen=True):
    """What was brought over."""

    run: RunId
    state: State
    tasks: int
    artifacts: int


def tag_of(run: OldRun) -> str:
    """The system tag under which the run is known here."""
    return f"{ID_TAG}:{run.id}"


def find(workspace: Workspace, flow: str, old_id: str) -> RunId | None:
    """The run that was brought over from this one."""
    found = workspace.metadata.runs(RunQuery(flow=flow, tags=(f"{ID_TAG}:{old_id}",), limit=1))
    return found[0].id if found else None


def check(run: OldRun) -> int:
    """Read all of a run and keep nothing: how many tasks it has. Raises Damaged."""
    _ = run.created, plan_of(run, graph_of(run), {})
    tasks = run.tasks()
    starts = [run.parameters] if run.parameters is not None else []
    for attempt in (*starts, *(attempt for task in tasks for attempt in task.attempts())):
        _ = place_of(attempt), output_of(attempt)
        for name, blob in attempt.blobs.items():
            stored(attempt, name, blob)
    return len(tasks)


class Recording:
    """Puts one run together; nothing can be seen of it before `finish`."""

    def __init__(self, workspace: Workspace, values: Values, run: OldRun) -> None:
        self._workspace = workspace
        self._values = values
        self._run = run
        self._tasks = run.tasks()
        self._numbers = _numbers(self._tasks)
        self._constants = values.constants(run.parameters)
        graph = graph_of(run)
        known = decode_manifest(self._constants).artifacts
        types = {name: decode_artifact(raw).type for name, raw in known.items()}
        self._plan = plan_of(run, graph, types)
        self._fixed = frozenset(known)
        self._origin = self._find_origin()
        self._logs = _Logs(workspace.home, run)
        self._artifacts = 0

    def finish(self) -> Moved:
        """Record it. Raises Damaged, and the errors of the stores."""
        try:
            return self._finish()
        except OSError as error:
            if error.errno == errno.ENOSPC:
                raise StorageFull(what=f"what {self._run} printed") from error
            raise UnusableHome(path=str(self._workspace.home), problem=error.strerror or str(error)) from error

    def _finish(self) -> Moved:
        new = self._new_run()
        with self._logs:
            ends = with_laps(self._plan, [end for task in self._tasks for end in self._ends(task)])
            state, reason = self._state(ends)
            finished = max([end.time for end in ends], default=self._run.created)

            def tell(run: RunId) -> list[AnyEvent]:
                self._logs.publish(self._workspace.home / "logs" / run.flow / str(run.number))
                counts = [TasksExpected(time=new.created, step=s, count=n) for s, n in _counted(self._tasks).items()]
                return [*counts, *ends, RunEnded(time=finished, run=run, state=state, reason=reason)]

            number = self._workspace.metadata.import_run(new, tell)
        return Moved(number, state, len(self._tasks), self._artifacts)

    def _new_run(self) -> NewRun:
        record = self._run.record
        user = record.user_name or "unknown"
        return NewRun(
            flow=self._run.flow,
            user=user,
            created=self._run.created,
            namespace=f"user:{user}",
            tags=tuple(sorted(record.tags)),
            system_tags=(*sorted(record.system_tags), tag_of(self._run)),
            parameters=self._values.texts(self._constants, [p.name for p in self._plan.parameters]),
            plan=msgspec.msgpack.encode(self._plan),
            constants=self._constants,
            origin=self._origin,
        )

    def _find_origin(self) -> RunId | None:
        for task in self._tasks:
            for attempt in task.attempts():
                told = attempt.told("origin-run-id")
                if told not in (None, "None", ""):
                    return find(self._workspace, self._run.flow, str(told).rpartition("/")[2])
        return None

    def _state(self, ends: list[TaskEnded]) -> tuple[State, str]:
        newest = {end.number: end for end in ends}
        last = [end.state for end in newest.values() if end.step == self._plan.end]
        if State.SUCCEEDED in last:
            return State.SUCCEEDED, ""
        failed = sorted({end.step for end in newest.values() if end.state is State.FAILED})
        if failed:
            return State.FAILED, f"{', '.join(failed)} failed"
        return State.LOST, "it had not ended when Metaflow wrote to it last"

    # --- tasks ---------------------------------------------------------------------------------------------------

    def _ends(self, task: OldTask) -> list[TaskEnded]:
        attempts = task.attempts()
        return [self._end(task, attempt, is_last=attempt is attempts[-1]) for attempt in attempts]

    def _end(self, task: OldTask, attempt: OldAttempt, *, is_last: bool) -> TaskEnded:
        state = _state_of(attempt)
        manifest, digest = self._values.manifest(attempt, self._fixed)
        self._artifacts += len(attempt.blobs) if is_last else 0
        path, label = place_of(attempt)
        log, stamps = self._logs.add(attempt)
        origin = self._cloned_from(task, attempt)
        if origin is not None:
            log, stamps = origin.log, origin.stamps
        return TaskEnded(
            time=attempt.finished,
            step=task.step,
            number=self._numbers[task.step, task.id],
            attempt=attempt.number,
            path=path,
            state=state,
            started=attempt.started,
            manifest=manifest,
            manifest_digest=digest,
            targets=transition_of(attempt)[0],
            split=self._split(task, attempt, state),
            label=label,
            reads=(),
            failure=failure_of(attempt) if state is State.FAILED else None,
            log=log,
            stamps=stamps,
            usage=Usage(),
            origin=(origin.origin or origin.id.run) if origin is not None else None,
            origin_number=(origin.origin_number or origin.id.number) if origin is not None else 0,
            will_retry=not is_last,
        )

    def _cloned_from(self, task: OldTask, attempt: OldAttempt) -> TaskRecord | None:
        """The task of an earlier run that this one was taken over from, where that run is here."""
        told = str(attempt.told("origin-task-id") or "")
        if self._origin is None or not told.isdigit():
            return None
        query = TaskQuery(step=task.step, numbers=(int(told),))
        return next(iter(self._workspace.metadata.tasks(self._origin, query)), None)

    def _split(self, task: OldTask, attempt: OldAttempt, state: State) -> Split | None:
        """The elements of a foreach, where they are plain data: else a resume makes them anew."""
        step = self._plan.step(task.step)
        blob = attempt.blobs.get(step.foreach or "")
        if step.transition is not Transition.FOREACH or state is not State.SUCCEEDED or blob is None:
            return None
        try:
            items = inert.load_plain(attempt.data(blob))
            return self._workspace.artifacts.save_items(step.foreach or "", items)
        except (*inert.PICKLE_ERRORS, UnpicklableArtifactException):
            return None


def _numbers(tasks: list[OldTask]) -> dict[tuple[str, str], int]:
    """The number of each task: its own where all have one, else counted in their order."""
    ids = [int(task.id) for task in tasks if task.id.isdigit()]
    keeps = len(ids) == len({*ids}) == len(tasks) and all(each > 0 for each in ids)
    return {(task.step, task.id): int(task.id) if keeps else place for place, task in enumerate(tasks, 1)}


def _counted(tasks: list[OldTask]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for task in tasks:
        counts[task.step] = counts.get(task.step, 0) + 1
    return counts


def _state_of(attempt: OldAttempt) -> State:
    if attempt.succeeded is None:
        return State.LOST
    return State.SUCCEEDED if attempt.succeeded else State.FAILED


class _Logs:
    """The output of a run's attempts, one after the other in two files that wait beside the home's logs."""

    def __init__(self, home: Path, run: OldRun) -> None:
        folder = private_directory(home / "tmp")
        self._files = {name: folder / f"migrate.{os.getpid()}.{run.flow}.{run.id}.{name}" for name in (OUT, ERR)}

    def __enter__(self) -> Self:
        self._open = {name: path.open("wb") for name, path in self._files.items()}
        return self

    def __exit__(self, *raised: object) -> None:
        for name, file in self._open.items():
            file.close()
            self._files[name].unlink(missing_ok=True)

    def add(self, attempt: OldAttempt) -> tuple[LogSpan | None, bytes]:
        """Keep what an attempt printed: where it is, and when it was written."""
        output = output_of(attempt)
        if not output.stdout and not output.stderr:
            return None, b""
        out, err = self._open[OUT], self._open[ERR]
        begins = out.tell(), err.tell()
        out.write(output.stdout)
        err.write(output.stderr)
        return LogSpan(OUT, ERR, *begins, out.tell(), err.tell()), output.stamps

    def publish(self, folder: Path) -> None:
        """Put the files where the run's logs are read. Raises OSError."""
        if not any(file.tell() for file in self._open.values()):
            return
        private_directory(folder)
        for name, file in self._open.items():
            file.flush()
            os.fsync(file.fileno())
            os.chmod(self._files[name], 0o600)
            os.replace(self._files[name], folder / name)
        sync_directory(folder)
