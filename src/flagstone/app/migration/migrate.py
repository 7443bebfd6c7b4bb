"""All runs of a `.metaflow` directory, one after the other: each is brought over whole, or reported and left."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from flagstone.app.migration.layout import Damaged, OldDirectory, OldRun
from flagstone.app.migration.record import Moved, Recording, check, find
from flagstone.app.migration.values import Values
from flagstone.app.workspace import Workspace
from flagstone.kit import clock
from flagstone.kit.locks import FileLock
from flagstone.model.errors import InvalidTag, NotFound, WriteConflict

STILL = 3600.0  # seconds: a run that has not ended and was written to since may still be running


class Outcome(Struct, frozen=True, kw_only=True):
    """What became of one old run."""

    old: str  # Flow/1795588890989441
    what: str  # brought, would bring, here already, running, damaged
    run: str = ""  # Flow/7
    state: str = ""
    tasks: int = 0
    artifacts: int = 0
    problem: str = ""


def migrate(workspace: Workspace, folder: Path, flows: Sequence[str], *, dry: bool) -> Iterator[Outcome]:
    """Bring over what is not here yet; with `dry`, only say what that is. Raises NotFound, and errors of the stores."""
    directory = OldDirectory.at(folder)
    known = directory.flows()
    for flow in flows:
        if flow not in known:
            raise NotFound(what=f"a run of {flow}", place=f" in {directory.root}", hint=f"there are {', '.join(known)}")
    runs = (run for flow in flows or known for run in directory.runs(flow))
    values = Values(workspace.artifacts)
    with _alone(workspace):
        for run in sorted(runs, key=lambda run: run.order):
            yield _one(workspace, values, run, dry=dry)


@contextmanager
def _alone(workspace: Workspace) -> Iterator[None]:
    """While it lasts nobody else brings runs to this home, which could bring them twice. Raises WriteConflict."""
    lock = FileLock(workspace.home / "locks" / "migrate.lock")
    if not lock.acquire():
        problem = "somebody else brings old runs to it right now"
        raise WriteConflict(what=str(workspace.home), problem=problem, hint="wait until that is done, and call again")
    try:
        yield
    finally:
        lock.release()


def _one(workspace: Workspace, values: Values, run: OldRun, *, dry: bool) -> Outcome:
    here = find(workspace, run.flow, run.id)
    if here is not None:
        return Outcome(old=str(run), what="here already", run=str(here))
    try:
        if _may_run(run):
            return Outcome(old=str(run), what="running", problem="it has not ended: migrate again when it has")
        if dry:
            return Outcome(old=str(run), what="would bring", tasks=check(run))
        moved: Moved = Recording(workspace, values, run).finish()
    except Damaged as error:
        return Outcome(old=str(run), what="damaged", problem=str(error))
    except InvalidTag as error:
        return Outcome(old=str(run), what="damaged", problem=str(error))
    return Outcome(
        old=str(run),
        what="brought",
        run=str(moved.run),
        state=moved.state.value,
        tasks=moved.tasks,
        artifacts=moved.artifacts,
    )


def _may_run(run: OldRun) -> bool:
    """Whether it has neither ended nor been silent for long."""
    if clock.now() - run.last_change() > STILL:
        return False
    newest = [attempts[-1] for task in run.tasks() if (attempts := task.attempts())]
    failed = any(attempt.succeeded is False for attempt in newest)
    ended = any(attempt.succeeded and attempt.value("_transition") is None for attempt in newest)
    return not failed and not ended
