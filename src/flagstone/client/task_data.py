"""A task's record with its run's: which artifacts it has, and their values by name."""

from collections.abc import Iterator
from typing import Any

import msgspec

from flagstone.client.run_data import RunData, find_run
from flagstone.client.scope import current_scope
from flagstone.kit.text import listed
from flagstone.model.artifacts import Artifact, BlobRef, Manifest, decode_manifest
from flagstone.model.errors import CorruptDatabase, NoSuchArtifact, NotFound
from flagstone.model.ids import Pathspec
from flagstone.model.records import TaskQuery, TaskRecord


class TaskView:
    """One task as it was when it was looked up; `now` asks again as long as it may change.

    With `attempt` it stays with that attempt; without, it is the newest.
    """

    def __init__(self, run: RunData, record: TaskRecord, attempt: int | None = None) -> None:
        self.run = run
        self.record = record
        self.attempt = attempt
        self._manifest: Manifest | None = None

    def __getstate__(self) -> tuple[RunData, TaskRecord, int | None]:
        return self.run, self.record, self.attempt

    def __setstate__(self, state: tuple[RunData, TaskRecord, int | None]) -> None:
        self.run, self.record, self.attempt = state
        self._manifest = None

    def now(self) -> TaskRecord:
        """The record as it is now."""
        if not self.record.state.finished:
            query = TaskQuery(numbers=(self.record.id.number,), attempt=self.attempt, with_manifests=True)
            found = list(self.run.scope.workspace.metadata.tasks(self.run.id, query))
            self.record = found[0] if found else self.record
            self._manifest = None
        return self.record

    @property
    def origin_pathspec(self) -> str | None:
        """The task that this one was cloned from by a resume."""
        record = self.record
        return None if record.origin is None else f"{record.origin}/{record.id.step}/{record.origin_number}"

    @property
    def manifest(self) -> Manifest:
        """What the task itself left."""
        if self._manifest is None:
            record = self.record
            data = record.manifest
            if not data and record.manifest_digest:
                data = self.run.scope.workspace.artifacts.read_manifest(BlobRef(record.manifest_digest, 0))
            try:
                self._manifest = decode_manifest(data) if data else Manifest()
            except msgspec.DecodeError as error:
                what = f"the list of artifacts of {record.id} cannot be read: {error}"
                raise CorruptDatabase(path=self.run.scope.home, problem=what) from None
        return self._manifest

    def artifact(self, name: str) -> Artifact | None:
        """The artifact called `name`: the task's own, else a parameter or constant of the run."""
        return self.manifest.artifact(name) or self.run.constants.artifact(name)

    def names(self, *, private: bool = False) -> list[str]:
        """The names of all artifacts; those that start with an underscore only with `private`."""
        every = {**self.manifest.artifacts, **self.run.constants.artifacts}
        return sorted(name for name in every if private or not name.startswith("_"))

    def names_text(self) -> str:
        """The names for a message."""
        names = self.names()
        return listed(names[:20]) if names else "no artifacts"

    def load(self, name: str, artifact: Artifact) -> Any:
        """The value of an artifact. Raises UnreadableArtifact, CorruptBlob, MissingExtra."""
        artifacts = self.run.scope.workspace.artifacts
        name = f"{self.record.id}/{name}"
        return artifacts.load(artifact, name=name, main=self.run.find_in_main, track=False).value


def find_task(path: Pathspec, attempt: int | None = None) -> TaskView:
    """The task that a path of four parts or more names, or one attempt at it. Raises NotFound, NamespaceMismatch."""
    run = find_run(current_scope(), path.flow, path.run or "")
    tasks = run.scope.workspace.metadata.tasks
    numbers = (int(path.task or 0),)
    for record in tasks(run.id, TaskQuery(step=path.step, numbers=numbers, attempt=attempt, with_manifests=True)):
        return TaskView(run, record, attempt)
    what = f"task {run.id}/{path.step}/{path.task}"
    there = [record.attempt for record in tasks(run.id, TaskQuery(step=path.step, numbers=numbers, every_attempt=True))]
    if there:
        hint = f"there is {listed([f'attempt {number}' for number in there])}"
        raise NotFound(what=f"attempt {attempt} of {what}", place=run.scope.place, hint=hint)
    raise NotFound(what=what, place=run.scope.place, hint=f"`flagstone show {run.id}` lists its steps and tasks")


class TaskData:
    """A task's artifacts as attributes, each loaded when it is first asked for."""

    def __init__(self, view: TaskView) -> None:
        self._view = view
        self._values: dict[str, Any] = {}

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if name in self._values:
            return self._values[name]
        artifact = self._view.artifact(name)
        if artifact is None:
            hint = f"it has {self._view.names_text()}"
            raise NoSuchArtifact(owner=str(self._view.record.id), name=name, hint=hint)
        value = self._values[name] = self._view.load(name, artifact)
        return value

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self._view.artifact(name) is not None

    def __iter__(self) -> Iterator[str]:
        return iter(self._view.names())

    def __dir__(self) -> list[str]:
        return self._view.names()

    def __getstate__(self) -> TaskView:
        return self._view

    def __setstate__(self, view: TaskView) -> None:
        self._view, self._values = view, {}

    def __repr__(self) -> str:
        return f"<data of {self._view.record.id}: {self._view.names_text()}>"
