"""`Run`: one execution of a flow: how it went, its steps, its results, its tags."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Self

import msgspec

from flagstone.client import display
from flagstone.client.base import Container, datetime_of
from flagstone.client.run_data import RunData, find_run
from flagstone.client.scope import current_scope
from flagstone.client.step import Step, steps_with_tasks
from flagstone.client.task import Task
from flagstone.client.task_data import TaskData, TaskView
from flagstone.client.trigger import TAG, MetaflowEvent, Trigger
from flagstone.kit.clock import now, to_datetime
from flagstone.model.ids import parse
from flagstone.model.records import RunRecord, TaskQuery
from flagstone.model.states import State


class Run(Container[Step]):
    """`Run("Flow/7")` or `Run("Flow/latest")`; iterates its steps that have tasks, the newest first."""

    kind = "run"
    holds = "step"

    def __init__(self, pathspec: str) -> None:
        path = parse(pathspec, least=2, most=2)
        self._set(find_run(current_scope(), path.flow, path.run or ""))

    @classmethod
    def of(cls, run: RunData) -> Self:
        """The run of a record."""
        made = cls.__new__(cls)
        made._set(run)
        return made

    def _set(self, run: RunData) -> None:
        super().__init__(run.scope)
        self._run = run

    # --- names and times ----------------------------------------------------------------------------------------

    @property
    def pathspec(self) -> str:
        """`Flow/7`."""
        return str(self._run.id)

    @property
    def parent(self) -> Any:
        """Its Flow."""
        return self._made("flow", self._scope, self._run.id.flow)

    @property
    def user(self) -> str:
        """Who ran it."""
        return self._run.record.user

    @property
    def created_at(self) -> datetime:
        """When it began."""
        return to_datetime(self._run.record.created)

    @property
    def finished_at(self) -> datetime | None:
        """When it was over; None while it runs, and when its process vanished before it could say so."""
        return datetime_of(self._run.now().finished)

    @property
    def duration(self) -> float | None:
        """How long it took, or has taken so far, in seconds; None when its process vanished."""
        record = self._run.now()
        if record.finished is not None:
            return max(record.finished - record.created, 0.0)
        return max(now() - record.created, 0.0) if record.state is State.RUNNING else None

    @property
    def origin_pathspec(self) -> str | None:
        """The run that it resumed; None when it resumed none."""
        origin = self._run.record.origin
        return None if origin is None else str(origin)

    @property
    def parameters(self) -> dict[str, Any]:
        """The values of its parameters, as far as JSON can tell them."""
        return {name: _value(text) for name, text in self._run.record.parameters.items()}

    def _run_record(self) -> RunRecord:
        return self._run.now()

    # --- how it went --------------------------------------------------------------------------------------------

    @property
    def status(self) -> str:
        """`running`, `succeeded`, `failed`, `cancelled` or `lost`: its process vanished."""
        return self._run.now().state.value

    @property
    def successful(self) -> bool:
        """Whether it succeeded."""
        return self._run.now().state is State.SUCCEEDED

    @property
    def finished(self) -> bool:
        """Whether nothing more happens in it, however it ended."""
        return self._run.now().state.finished

    @property
    def end_task(self) -> Task | None:
        """The task of the last step; None when it did not get there."""
        query = TaskQuery(step=self._run.plan.end, limit=1, with_manifests=True)
        for record in self._scope.workspace.metadata.tasks(self._run.id, query):
            return Task.of(TaskView(self._run, record))
        return None

    @property
    def failed_task(self) -> Task | None:
        """The first task that failed or was lost; None when there is none."""
        query = TaskQuery(states=(State.FAILED, State.LOST), limit=1, with_manifests=True)
        for record in self._scope.workspace.metadata.tasks(self._run.id, query):
            return Task.of(TaskView(self._run, record))
        return None

    @property
    def trigger(self) -> Trigger | None:
        """What set it off; None when somebody started it."""
        names = [tag.removeprefix(TAG) for tag in self._run.record.system_tags if tag.startswith(TAG)]
        runs = [Run.of(find_run(self._scope, *name.split("/"))) for name in names]
        ends = [MetaflowEvent(run.parent.id, run.pathspec, run.finished_at or run.created_at, "run") for run in runs]
        return Trigger(ends, runs) if ends else None

    @property
    def code(self) -> None:
        """The stored code of the run: None, since runs on this machine use the files where they are."""

    @property
    def environment_info(self) -> dict[str, str]:
        """What it ran with: the versions of Python and of Flagstone, and where."""
        return self._run.environment

    @property
    def data(self) -> TaskData | None:
        """The artifacts of the last step: `run.data.model`; None when it did not get there."""
        task = self.end_task
        return None if task is None else task.data

    # --- steps --------------------------------------------------------------------------------------------------

    def __iter__(self) -> Iterator[Step]:
        return (Step.of(self._run, name) for name in reversed(steps_with_tasks(self._run)))

    def steps(self) -> Iterator[Step]:
        """Its steps that have tasks, the newest first."""
        return iter(self)

    def _find(self, key: str) -> Step | None:
        return Step.of(self._run, key) if key in steps_with_tasks(self._run) else None

    # --- tags ---------------------------------------------------------------------------------------------------

    def _retag(self, add: Iterable[str], remove: Iterable[str]) -> None:
        self._run.record = self._scope.workspace.metadata.mutate_tags(self._run.id, list(add), list(remove))

    def add_tag(self, tag: str) -> None:
        """Add a tag. Raises InvalidTag."""
        self._retag([tag], [])

    def add_tags(self, tags: Iterable[str]) -> None:
        """Add tags, all or none. Raises InvalidTag."""
        self._retag(_several(tags), [])

    def remove_tag(self, tag: str) -> None:
        """Remove a tag; harmless when it is not there. Raises InvalidTag for a system tag."""
        self._retag([], [tag])

    def remove_tags(self, tags: Iterable[str]) -> None:
        """Remove tags, all or none. Raises InvalidTag for a system tag."""
        self._retag([], _several(tags))

    def replace_tag(self, tag_to_remove: str, tag_to_add: str) -> None:
        """Remove one tag and add another in one go. Raises InvalidTag."""
        self._retag([tag_to_add], [tag_to_remove])

    def replace_tags(self, tags_to_remove: Iterable[str], tags_to_add: Iterable[str]) -> None:
        """Remove tags and add others in one go. Raises InvalidTag."""
        self._retag(_several(tags_to_add), _several(tags_to_remove))

    # --- looks --------------------------------------------------------------------------------------------------

    def _facts(self) -> list[str]:
        record = self._run.now()
        tags = ", ".join(sorted(record.tags))
        return [
            record.state.value,
            display.took(record.created, record.finished),
            display.ago(record.created),
            record.user,
            f"tags: {tags}" if tags else "",
            f"resumes {record.origin}" if record.origin else "",
        ]

    def _repr_html_(self) -> str:
        counted = self._scope.workspace.metadata.count_tasks(self._run.id)
        rows = [
            [step.name, *(f"{counted[step.name].get(state, 0):,.0f}" for state in _SHOWN)]
            for step in self._run.plan.steps
            if step.name in counted
        ]
        listing = display.table(("step", *(state.value for state in _SHOWN)), rows)
        return display.paragraph(f"Run({self.pathspec!r})", self._facts(), listing)


_SHOWN = (State.SUCCEEDED, State.RUNNING, State.FAILED, State.CANCELLED, State.LOST)


def _several(tags: Iterable[str]) -> list[str]:
    return [tags] if isinstance(tags, str) else list(tags)


def _value(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}.get(text, text)
