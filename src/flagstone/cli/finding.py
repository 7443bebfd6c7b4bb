"""From what a person wrote to what is recorded: pathspecs, completed and looked up."""

from collections.abc import Iterator
from itertools import chain

import msgspec

from flagstone.app.workspace import Workspace
from flagstone.cli.door import Door
from flagstone.model import ids
from flagstone.model.artifacts import BlobRef, Manifest, decode_manifest
from flagstone.model.errors import CorruptDatabase, NotFound
from flagstone.model.ids import Pathspec, RunId
from flagstone.model.plan import Plan
from flagstone.model.records import SPUN, RunQuery, RunRecord, TaskQuery, TaskRecord

ALL_TASKS = TaskQuery()


def parse(text: str, door: Door, *, least: int = 1, most: int = 5) -> Pathspec:
    """Parse a pathspec; in a flow's own script the flow's name may be left out: `7/train`. Raises InvalidPathspec."""
    first = text.partition("/")[0]
    if door.flow is not None and (first.isdigit() or first == ids.LATEST):
        text = f"{door.flow.__name__}/{text}"
    return ids.parse(text, least=least, most=most)


def find_run(workspace: Workspace, path: Pathspec) -> RunRecord:
    """The run that a path names, by number or as `latest`; the newest when it names none. Raises NotFound."""
    if path.run is None or path.run == ids.LATEST:
        runs = workspace.metadata.runs(RunQuery(flow=path.flow, without=(SPUN,), limit=1))
        if not runs:
            raise missing(workspace, f"a run of {path.flow}")
        return runs[0]
    run = workspace.metadata.run(RunId(path.flow, int(path.run)))
    if run is None:
        raise missing(workspace, f"run {path.flow}/{path.run}")
    return run


def find_tasks(
    workspace: Workspace, run: RunRecord, path: Pathspec, query: TaskQuery = ALL_TASKS
) -> Iterator[TaskRecord]:
    """The tasks of a run that are at or below a path, in order. Raises NotFound, UnknownStep."""
    if path.step is not None:
        plan = plan_of(workspace, run)
        if plan is not None:
            plan.step(path.step)
        query = msgspec.structs.replace(query, step=path.step)
    if path.task is None:
        return workspace.metadata.tasks(run.id, query)
    found = list(workspace.metadata.tasks(run.id, msgspec.structs.replace(query, numbers=(int(path.task),))))
    if not found:
        raise missing(
            workspace, f"task {run.id}/{path.step}/{path.task}", f"`flagstone show {run.id}/{path.step}` lists"
        )
    return iter(found)


def find_attempts(
    workspace: Workspace, run: RunRecord, path: Pathspec, attempt: int | None, *, with_manifests: bool = False
) -> Iterator[TaskRecord]:
    """The tasks at or below a path as this attempt at them, or as the newest. Raises NotFound, UnknownStep."""
    tasks = find_tasks(workspace, run, path, TaskQuery(with_manifests=with_manifests))
    if attempt is None:
        return tasks
    newest = next(tasks, None)
    numbers = (int(path.task),) if path.task is not None else None
    query = TaskQuery(step=path.step, numbers=numbers, attempt=attempt, with_manifests=with_manifests)
    found = workspace.metadata.tasks(run.id, query)
    first = next(found, None)
    if first is None:
        what = "/".join((str(run.id), *path.parts[2:4]))
        hint = f"attempt {newest.attempt} is the newest; `show` lists" if newest else "`flagstone show` lists"
        raise missing(workspace, f"attempt {attempt} of {what}", hint)
    return chain([first], found)


def plan_of(workspace: Workspace, run: RunRecord) -> Plan | None:
    """The plan that a run ran; None when it is not there."""
    try:
        return workspace.metadata.plan(run.plan_digest)
    except KeyError:
        return None


def manifest_of(workspace: Workspace, task: TaskRecord) -> Manifest:
    """A task's artifacts; the record must come with its manifest. Raises CorruptBlob, CorruptDatabase."""
    data = task.manifest
    if not data and task.manifest_digest:
        data = workspace.artifacts.read_manifest(BlobRef(task.manifest_digest, 0))
    try:
        return decode_manifest(data) if data else Manifest()
    except msgspec.DecodeError as error:
        what = f"the list of artifacts of {task.id} cannot be read: {error}"
        raise CorruptDatabase(path=str(workspace.home), problem=what) from None


def missing(workspace: Workspace, what: str, hint: str = "`flagstone runs` lists") -> NotFound:
    """The error for what is not there."""
    return NotFound(what=what, place=f" in {workspace.home}", hint=f"{hint} what there is")
