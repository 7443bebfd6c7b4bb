"""`DataArtifact`: one stored value, what it is, and on request the value itself."""

from datetime import datetime
from typing import Any, Self

from flagstone.client import display
from flagstone.client.base import ClientObject
from flagstone.client.task_data import TaskView, find_task
from flagstone.kit import text
from flagstone.kit.clock import to_datetime
from flagstone.kit.digest import to_hex
from flagstone.model.artifacts import Artifact
from flagstone.model.errors import NotFound
from flagstone.model.ids import parse
from flagstone.model.records import RunRecord


class DataArtifact(ClientObject):
    """`DataArtifact("Flow/7/train/12/model")`; only `data` reads the value. `attempt` names an older attempt."""

    kind = "artifact"

    def __init__(self, pathspec: str, attempt: int | None = None) -> None:
        path = parse(pathspec, least=5)
        view = find_task(path, attempt)
        found = view.artifact(path.artifact or "")
        if found is None:
            raise NotFound(what=f"artifact {pathspec}", place="", hint=f"its task has {view.names_text()}")
        self._set(view, path.artifact or "", found)

    @classmethod
    def of(cls, view: TaskView, name: str, artifact: Artifact) -> Self:
        """The artifact `name` of a task."""
        made = cls.__new__(cls)
        made._set(view, name, artifact)
        return made

    def _set(self, view: TaskView, name: str, artifact: Artifact) -> None:
        super().__init__(view.run.scope)
        self._view = view
        self._name = name
        self._artifact = artifact

    @property
    def id(self) -> str:
        """The artifact's name."""
        return self._name

    @property
    def pathspec(self) -> str:
        """`Flow/7/train/12/model`."""
        return f"{self._view.record.id}/{self._name}"

    @property
    def parent(self) -> Any:
        """Its Task."""
        return self._made("task", self._view)

    @property
    def origin_pathspec(self) -> str | None:
        """The artifact that it was taken over from when its run resumed another; None when it was not."""
        task = self._view.origin_pathspec
        return None if task is None else f"{task}/{self._name}"

    def _run_record(self) -> RunRecord:
        return self._view.run.now()

    def _identity(self) -> tuple[object, ...]:
        return *super()._identity(), self._view.attempt

    @property
    def data(self) -> Any:
        """The value, loaded anew each time. Raises UnreadableArtifact, CorruptBlob, MissingExtra."""
        return self._view.load(self._name, self._artifact)

    @property
    def size(self) -> int:
        """How many bytes the value takes, before compression."""
        return self._artifact.size

    @property
    def sha(self) -> str:
        """The digest of the stored value, in hexadecimal: equal digests mean equal values."""
        return to_hex(self._artifact.digest)

    @property
    def type(self) -> str:
        """The value's type as the task saw it: `numpy.ndarray`."""
        return self._artifact.type

    @property
    def preview(self) -> str:
        """A short text that the task wrote about the value."""
        return self._artifact.preview

    @property
    def created_at(self) -> datetime:
        """When its task began."""
        return to_datetime(self._view.record.started)

    @property
    def finished_at(self) -> datetime | None:
        """When its task was over."""
        finished = self._view.record.finished
        return None if finished is None else to_datetime(finished)

    def _facts(self) -> list[str]:
        return [self.type, text.size(self.size), self.preview]

    def _repr_html_(self) -> str:
        row = [self._name, self.type, text.size(self.size), self.preview]
        return display.paragraph(self.pathspec, [], display.table(("artifact", "type", "size", "preview"), [row]))
