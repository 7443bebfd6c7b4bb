"""A past task: which one a person means, what it was given, and where in its flow it stood."""

from collections.abc import Iterator

from msgspec import Struct

from flagstone.client import lineage
from flagstone.engine.launcher import manifest_of
from flagstone.engine.single import Place
from flagstone.model import ids
from flagstone.model.artifacts import Item
from flagstone.model.errors import InvalidPathspec, NotFound
from flagstone.model.ids import RunId
from flagstone.model.jobs import JobInput
from flagstone.model.plan import Plan
from flagstone.model.records import SPUN, RunQuery, RunRecord, TaskQuery, TaskRecord
from flagstone.model.states import State
from flagstone.ports.workspace import Workspace

TROUBLE = (State.FAILED, State.LOST)
LOOKED_THROUGH = 200  # runs, the newest first, when only a step is named


class Past(Struct, frozen=True):
    """A recorded task with its run and the flow as it was then."""

    run: RunRecord
    task: TaskRecord
    plan: Plan


def find_past(workspace: Workspace, text: str, flow: str | None = None) -> Past:
    """The task that a person means. Raises InvalidPathspec, UnknownStep, NotFound.

    With a `flow` its name may be left out: `step` is its newest run's task of it, `run/step`, `run/step/task`. Of a
    step with several tasks it is the first that failed, else the first.
    """
    name, run, step, number = _parts(text, flow)
    newest: Plan | None = None
    for record in _runs(workspace, name, run):
        plan = workspace.metadata.plan(record.plan_digest)
        newest = newest or plan
        query = TaskQuery(step=step, numbers=number, with_manifests=True, limit=1)
        failed = TaskQuery(step=step, numbers=number, states=TROUBLE, with_manifests=True, limit=1)
        for candidates in (failed, query):
            for task in workspace.metadata.tasks(record.id, candidates):
                return Past(record, task, plan)
    if newest is not None:
        newest.step(step)
    what = f"a task of step {step!r} in {name}" if run is None else f"task {name}/{run}/{step}"
    what += f"/{number[0]}" if number else ""
    raise NotFound(what=what, place=f" in {workspace.home}", hint=f"`flagstone runs {name}` lists its runs")


def find_failed(workspace: Workspace, flow: str | None = None) -> Past | None:
    """The first task that failed in the newest run, of a flow or of all; None when none did."""
    for record in workspace.metadata.runs(RunQuery(flow=flow, without=(SPUN,), limit=1)):
        query = TaskQuery(states=TROUBLE, with_manifests=True, limit=1)
        for task in workspace.metadata.tasks(record.id, query):
            return Past(record, task, workspace.metadata.plan(record.plan_digest))
    return None


def _parts(text: str, flow: str | None) -> tuple[str, str | None, str, tuple[int, ...] | None]:
    """Flow, run (None: the newest that has such a task), step and number (None: any)."""
    parts = text.strip("/").split("/")
    if flow is not None and (len(parts) == 1 or parts[0].isdigit() or parts[0] == ids.LATEST):
        parts.insert(0, flow)
    named = len(parts) != 2
    if not named:
        parts.insert(1, ids.LATEST)
    try:
        path = ids.parse("/".join(parts), least=3, most=4)
    except InvalidPathspec:
        if named:
            raise
        problem = "a step is expected, or one of its tasks"
        raise InvalidPathspec(text=text, problem=problem, hint=f"write {_forms(flow)}") from None
    if flow is not None and path.flow != flow:
        problem = f"it is of another flow than {flow}"
        raise InvalidPathspec(text=text, problem=problem, hint=f"write {_forms(flow)}")
    number = (int(path.task),) if path.task is not None else None
    return path.flow, path.run if named else None, path.step or "", number


def _forms(flow: str | None) -> str:
    """How a person may name a task."""
    return "step, run/step or run/step/task" if flow is not None else "Flow/step, Flow/run/step or Flow/run/step/task"


def _runs(workspace: Workspace, flow: str, run: str | None) -> Iterator[RunRecord]:
    """The run that is named; without one the flow's runs, the newest first."""
    if run is not None and run != ids.LATEST:
        found = workspace.metadata.run(RunId(flow, int(run)))
        return iter([found] if found is not None else [])
    limit = LOOKED_THROUGH if run is None else 1
    return iter(workspace.metadata.runs(RunQuery(flow=flow, without=(SPUN,), limit=limit)))


# --- what it was given -----------------------------------------------------------------------------------------


def inputs_of(workspace: Workspace, past: Past) -> Iterator[JobInput]:
    """What led to the task, in the order that a join's inputs have."""
    for record in _parents(workspace, past, past.task):
        yield JobInput(record.id.step, record.id.number, manifest_of(record, workspace.artifacts))


def place_of(workspace: Workspace, past: Past) -> Place:
    """Where the task stood: the foreach elements are found on the way back to the start."""
    path = past.task.path
    found: dict[int, Item] = {}
    here: TaskRecord | None = past.task
    while here is not None and len(found) < len(path):
        before = _before(workspace, past, here)
        level = len(here.path) - 1
        if before is not None and before.split is not None and len(before.path) == level and level not in found:
            found[level] = before.split.item(path[level])
        here = before
    return Place(past.task.id.step, path, tuple(found[level] for level in sorted(found)))


def _before(workspace: Workspace, past: Past, task: TaskRecord) -> TaskRecord | None:
    """A task that this one came from; for a join the one that split, so that the way back never goes deeper."""
    step = past.plan.step(task.id.step)
    if not step.joins:
        return next(_parents(workspace, past, task), None)
    query = TaskQuery(step=past.plan.matching_split[step.name], path=task.path)
    openers = workspace.metadata.tasks(past.run.id, query)
    return next((opener for opener in openers if opener.laps == task.laps), None)


def _parents(workspace: Workspace, past: Past, task: TaskRecord) -> Iterator[TaskRecord]:
    """What led to a task, with manifests, in the order of `self.next` or of the foreach."""
    return lineage.parents(past.plan, task, lambda query: workspace.metadata.tasks(past.run.id, query))
