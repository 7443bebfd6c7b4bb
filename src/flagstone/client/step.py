"""`Step`: one step of a run, and its tasks."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Self

from flagstone.client import display
from flagstone.client.base import Container, datetime_of
from flagstone.client.run_data import RunData, find_run
from flagstone.client.scope import current_scope
from flagstone.client.task import Task
from flagstone.client.task_data import TaskView
from flagstone.kit.text import plural
from flagstone.model.errors import NotFound
from flagstone.model.ids import parse
from flagstone.model.plan import Transition
from flagstone.model.records import RunRecord, TaskQuery
from flagstone.model.states import State


class Step(Container[Task]):
    """`Step("Flow/7/train")`; iterates its tasks, the newest first."""

    kind = "step"
    holds = "task"

    def __init__(self, pathspec: str) -> None:
        path = parse(pathspec, least=3, most=3)
        run = find_run(current_scope(), path.flow, path.run or "")
        name = path.step or ""
        if name not in steps_with_tasks(run):
            hint = f"it has {', '.join(steps_with_tasks(run)) or 'no steps yet'}"
            raise NotFound(what=f"step {run.id}/{name}", place=run.scope.place, hint=hint)
        self._set(run, name)

    @classmethod
    def of(cls, run: RunData, name: str) -> Self:
        """The step `name` of a run."""
        made = cls.__new__(cls)
        made._set(run, name)
        return made

    def _set(self, run: RunData, name: str) -> None:
        super().__init__(run.scope)
        self._run = run
        self._name = name

    @property
    def pathspec(self) -> str:
        """`Flow/7/train`."""
        return f"{self._run.id}/{self._name}"

    @property
    def parent(self) -> Any:
        """Its Run."""
        return self._made("run", self._run)

    def _run_record(self) -> RunRecord:
        return self._run.now()

    # --- tasks --------------------------------------------------------------------------------------------------

    def _tasks(self, query: TaskQuery) -> Iterator[Task]:
        for record in self._scope.workspace.metadata.tasks(self._run.id, query):
            yield Task.of(TaskView(self._run, record))

    def __iter__(self) -> Iterator[Task]:
        return self._tasks(TaskQuery(step=self._name, newest_first=True, with_manifests=True))

    def tasks(self, status: str | None = None) -> Iterator[Task]:
        """Its tasks, the newest first; with `status` only those that are `failed`, for instance."""
        states = () if status is None else (State(status),)
        return self._tasks(TaskQuery(step=self._name, states=states, newest_first=True, with_manifests=True))

    @property
    def task(self) -> Task:
        """Its first task; the only one outside a foreach. Raises NotFound when there is none."""
        for task in self._tasks(TaskQuery(step=self._name, limit=1, with_manifests=True)):
            return task
        raise NotFound(what=f"a task of {self.pathspec}", place=self._scope.place)

    def control_tasks(self) -> Iterator[Task]:
        """Of each gang (`num_parallel`) the task with the index 0, which speaks for it; none for other steps."""
        gang = any(
            self._run.plan.step(parent).transition is Transition.PARALLEL
            for parent in self._run.plan.parents(self._name)
        )
        tasks = self._tasks(TaskQuery(step=self._name, newest_first=True, with_manifests=True)) if gang else ()
        return (task for task in tasks if task.index == 0)

    @property
    def control_task(self) -> Task | None:
        """The task with the index 0 of its newest gang; None when it is not a gang."""
        return next(self.control_tasks(), None)

    @property
    def environment_info(self) -> dict[str, str]:
        """What its run ran with: the versions of Python and of Flagstone, and where."""
        return self._run.environment

    @property
    def origin_pathspec(self) -> str | None:
        """The same step of the run that its run resumed; None when it resumed none."""
        origin = self._run.record.origin
        return None if origin is None else f"{origin}/{self._name}"

    def _find(self, key: str) -> Task | None:
        if not (key.isascii() and key.isdigit() and len(key) < 19):
            return None
        query = TaskQuery(step=self._name, numbers=(int(key),), with_manifests=True)
        return next(self._tasks(query), None)

    def _ipython_key_completions_(self) -> list[str]:
        return [task.id for task in self._tasks(TaskQuery(step=self._name, newest_first=True, limit=1000))]

    # --- times and relatives ------------------------------------------------------------------------------------

    def _counts(self) -> dict[str, float]:
        return self._scope.workspace.metadata.count_tasks(self._run.id).get(self._name, {})

    @property
    def created_at(self) -> datetime | None:
        """When its first task began; None when all were taken over from another run."""
        return datetime_of(self._counts().get("started"))

    @property
    def finished_at(self) -> datetime | None:
        """When its last task was over; None while one runs."""
        counts = self._counts()
        return None if counts.get(State.RUNNING) else datetime_of(counts.get("finished"))

    @property
    def parent_steps(self) -> Iterator["Step"]:
        """The steps of this run that led to it."""
        there = steps_with_tasks(self._run)
        return (Step.of(self._run, name) for name in self._run.plan.parents(self._name) if name in there)

    @property
    def child_steps(self) -> Iterator["Step"]:
        """The steps of this run that it led to."""
        there = steps_with_tasks(self._run)
        return (Step.of(self._run, name) for name in self._run.plan.step(self._name).next if name in there)

    # --- looks --------------------------------------------------------------------------------------------------

    def _facts(self) -> list[str]:
        counts = self._counts()
        return [f"{counts[state]:,.0f} {state}" for state in State if counts.get(state)]

    def _repr_html_(self) -> str:
        first = list(self._tasks(TaskQuery(step=self._name, limit=display.ROWS)))
        rows = [[task.id, task.status, task.label, _duration(task)] for task in first]
        total = int(sum(self._counts().get(state, 0) for state in State))
        listing = display.table(("task", "status", "item", "took"), rows, total)
        return display.paragraph(f"Step({self.pathspec!r})", [plural(total, "task")], listing)


def _duration(task: Task) -> str:
    finished = task.finished_at
    return "" if finished is None else display.took(task.created_at.timestamp(), finished.timestamp())


def steps_with_tasks(run: RunData) -> list[str]:
    """The names of the steps that have tasks, in the order of the plan."""
    counted = run.scope.workspace.metadata.count_tasks(run.id)
    there = {name for name, counts in counted.items() if any(counts.get(state) for state in State)}
    return [step.name for step in run.plan.steps if step.name in there]
