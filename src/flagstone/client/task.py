"""`Task`: one execution of a step: its artifacts, its output, how it ended, and its relatives."""

from collections.abc import Iterator
from datetime import datetime
from itertools import chain
from typing import Any, NamedTuple, Self

from msgspec import Struct

from flagstone.client import display, lineage
from flagstone.client.artifact import DataArtifact
from flagstone.client.base import Container, datetime_of
from flagstone.client.task_data import TaskData, TaskView, find_task
from flagstone.client.task_log import TaskLog
from flagstone.kit import text
from flagstone.kit.clock import to_datetime
from flagstone.model.ids import parse
from flagstone.model.records import RunRecord, TaskQuery, TaskRecord
from flagstone.model.states import State


class TaskException(Struct, frozen=True):
    """What a task raised, without unpickling it: its qualified type, its text, the traceback as Python prints it."""

    type: str
    message: str
    stacktrace: str

    @property
    def exception(self) -> str:
        """The text of the exception."""
        return self.message

    def __str__(self) -> str:
        name = self.type.removeprefix("builtins.")
        return f"{name}: {self.message}" if self.message else name


class MetadataEntry(NamedTuple):
    """One fact about a task."""

    name: str
    value: Any
    created_at: datetime
    type: str
    task: str  # its pathspec


class Task(Container[DataArtifact]):
    """`Task("Flow/7/train/12")`; iterates its artifacts, but for those whose names start with an underscore.

    It shows the task's newest attempt; `Task("Flow/7/train/12", attempt=0)` shows the first one, whatever follows.
    """

    kind = "task"
    holds = "artifact"

    def __init__(self, pathspec: str, attempt: int | None = None) -> None:
        self._set(find_task(parse(pathspec, least=4, most=4), attempt))

    @classmethod
    def of(cls, view: TaskView) -> Self:
        """The task of a record."""
        made = cls.__new__(cls)
        made._set(view)
        return made

    def _set(self, view: TaskView) -> None:
        super().__init__(view.run.scope)
        self._view = view

    # --- names and times ----------------------------------------------------------------------------------------

    @property
    def pathspec(self) -> str:
        """`Flow/7/train/12`."""
        return str(self._view.record.id)

    @property
    def parent(self) -> Any:
        """Its Step."""
        return self._made("step", self._view.run, self._view.record.id.step)

    @property
    def index(self) -> int | None:
        """Its place in the innermost foreach; None outside."""
        return self.path[-1] if self.path else None

    @property
    def path(self) -> tuple[int, ...]:
        """Its place in every foreach around it, the outermost first."""
        return self._view.record.path

    @property
    def label(self) -> str:
        """A short text that shows its foreach element; empty outside a foreach."""
        return self._view.now().label

    @property
    def created_at(self) -> datetime:
        """When its newest attempt began."""
        return to_datetime(self._view.now().started)

    @property
    def finished_at(self) -> datetime | None:
        """When it was over; None while it runs."""
        return datetime_of(self._view.now().finished)

    def _run_record(self) -> RunRecord:
        return self._view.run.now()

    @property
    def origin_pathspec(self) -> str | None:
        """The task that it was cloned from by a resume; None when it ran itself."""
        return self._view.origin_pathspec

    def _identity(self) -> tuple[object, ...]:
        return *super()._identity(), self._view.attempt

    # --- how it went --------------------------------------------------------------------------------------------

    @property
    def status(self) -> str:
        """`running`, `succeeded`, `failed`, `cancelled` or `lost`."""
        return self._view.now().state.value

    @property
    def successful(self) -> bool:
        """Whether it succeeded."""
        return self._view.now().state is State.SUCCEEDED

    @property
    def finished(self) -> bool:
        """Whether nothing more happens to it, however it ended."""
        return self._view.now().state.finished

    @property
    def exception(self) -> TaskException | None:
        """Why it failed; None when it did not."""
        failure = self._view.now().failure
        return None if failure is None else TaskException(failure.type, failure.message, failure.traceback)

    @property
    def current_attempt(self) -> int:
        """The number of the attempt that this shows, from 0: the newest unless another was asked for."""
        return self._view.now().attempt

    @property
    def attempts(self) -> list["Task"]:
        """Every attempt at it, the first one first, each a Task that stays with its attempt."""
        run, number = self._view.run, self._view.record.id.number
        query = TaskQuery(numbers=(number,), every_attempt=True, with_manifests=True)
        found = self._scope.workspace.metadata.tasks(run.id, query)
        return [Task.of(TaskView(run, record, record.attempt)) for record in found]

    @property
    def runtime_name(self) -> str:
        """Where its run ran: `local`."""
        return str(self._view.run.environment.get("runtime", ""))

    @property
    def environment_info(self) -> dict[str, str]:
        """What its run ran with: the versions of Python and of Flagstone, and where."""
        return self._view.run.environment

    @property
    def code(self) -> None:
        """The stored code of its run: None, since runs on this machine use the files where they are."""

    @property
    def metadata(self) -> list[MetadataEntry]:
        """What else is recorded about it, as entries with a name, a value, a time and a type."""
        when = self.finished_at or self.created_at
        return [MetadataEntry(name, value, when, name, self.pathspec) for name, value in self.metadata_dict.items()]

    @property
    def metadata_dict(self) -> dict[str, Any]:
        """What else is recorded about the attempt that this shows."""
        record = self._view.now()
        facts: dict[str, Any] = {
            "attempt": record.attempt,
            "status": record.state.value,
            "foreach-path": list(record.path),
            "next-steps": list(record.targets),
            "parameters-read": list(record.reads),
            "cpu-seconds": record.usage.cpu_seconds,
            "peak-memory": record.usage.peak_memory,
            "user": self._view.run.record.user,
        }
        if record.origin is not None:
            facts |= {"origin-run-id": str(record.origin.number), "origin-task-id": str(record.origin_number)}
        if record.pid:
            facts["pid"] = record.pid
        return facts

    # --- artifacts ----------------------------------------------------------------------------------------------

    @property
    def data(self) -> TaskData:
        """Its artifacts as attributes: `task.data.model`. A failed task has those from before it failed."""
        self._view.now()
        return TaskData(self._view)

    @property
    def artifacts(self) -> "ArtifactSet":
        """Its artifacts without their values: `task.artifacts.model.size`; iterable."""
        return ArtifactSet(self)

    def __iter__(self) -> Iterator[DataArtifact]:
        self._view.now()
        for name in self._view.names():
            found = self._find(name)
            if found is not None:
                yield found

    def _find(self, key: str) -> DataArtifact | None:
        artifact = self._view.artifact(key)
        if artifact is None and not self._view.record.state.finished:
            self._view.now()
            artifact = self._view.artifact(key)
        return None if artifact is None else DataArtifact.of(self._view, key, artifact)

    # --- output -------------------------------------------------------------------------------------------------

    @property
    def _log(self) -> TaskLog:
        return TaskLog(self._scope.workspace.logs, self._view.now())

    @property
    def stdout(self) -> str:
        """What it printed."""
        return self._log.text("stdout")

    @property
    def stderr(self) -> str:
        """What it printed as errors and warnings."""
        return self._log.text("stderr")

    @property
    def stdout_size(self) -> int:
        """How many bytes it printed."""
        return self._log.size("stdout")

    @property
    def stderr_size(self) -> int:
        """How many bytes it printed as errors and warnings."""
        return self._log.size("stderr")

    def loglines(self, stream: str, as_unicode: bool = True) -> Iterator[tuple[datetime, str | bytes]]:
        """The lines of "stdout" or "stderr" without their newlines, each with the time when it was seen."""
        return self._log.lines(stream, as_unicode=as_unicode)

    # --- relatives ----------------------------------------------------------------------------------------------

    def _read(self, query: TaskQuery) -> Iterator[TaskRecord]:
        return self._scope.workspace.metadata.tasks(self._view.run.id, query)

    @property
    def parent_tasks(self) -> Iterator["Task"]:
        """The tasks that led to it: several for a join, in the order of their steps and foreach indexes."""
        run = self._view.run
        return (Task.of(TaskView(run, found)) for found in lineage.parents(run.plan, self._view.record, self._read))

    @property
    def child_tasks(self) -> Iterator["Task"]:
        """The tasks that it led to, as far as they have begun."""
        run = self._view.run
        return (Task.of(TaskView(run, found)) for found in lineage.children(run.plan, self._view.now(), self._read))

    @property
    def parent_task_pathspecs(self) -> Iterator[str]:
        """The pathspecs of `parent_tasks`."""
        return (task.pathspec for task in self.parent_tasks)

    @property
    def child_task_pathspecs(self) -> Iterator[str]:
        """The pathspecs of `child_tasks`."""
        return (task.pathspec for task in self.child_tasks)

    # --- looks --------------------------------------------------------------------------------------------------

    def _facts(self) -> list[str]:
        record = self._view.now()
        error = self.exception
        return [
            record.state.value,
            f"attempt {record.attempt}" if record.attempt or self._view.attempt is not None else "",
            record.label,
            display.took(record.started, record.finished),
            display.ago(record.started),
            text.preview(str(error)) if error else "",
        ]

    def _repr_html_(self) -> str:
        rows = [[a.id, a.type, text.size(a.size), a.preview] for a in self]
        listing = display.table(("artifact", "type", "size", "preview"), rows)
        return display.paragraph(f"Task({self.pathspec!r})", self._facts(), listing)


class ArtifactSet:
    """A task's artifacts by attribute, without their values."""

    def __init__(self, task: Task) -> None:
        self._task = task

    def __getattr__(self, name: str) -> DataArtifact:
        if name.startswith("__") or name not in self._task:
            raise AttributeError(f"{self._task.pathspec} has no artifact {name!r}")
        return self._task[name]

    def __iter__(self) -> Iterator[DataArtifact]:
        return iter(self._task)

    def __len__(self) -> int:
        return sum(1 for _ in self._task)

    def __dir__(self) -> list[str]:
        return [artifact.id for artifact in self._task]

    def __getstate__(self) -> Task:
        return self._task

    def __setstate__(self, task: Task) -> None:
        self._task = task

    def __repr__(self) -> str:
        return "\n".join(chain([f"artifacts of {self._task.pathspec}:"], (f"  {artifact!r}" for artifact in self)))
