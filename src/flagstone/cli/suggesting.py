"""What a shell can offer when a pathspec is half typed: flows, their runs, their steps, tasks and artifacts."""

from collections.abc import Iterator, Sequence

from flagstone.app import settings, workspace
from flagstone.app.workspace import Workspace
from flagstone.cli.finding import find_run, find_tasks, manifest_of
from flagstone.model import ids
from flagstone.model.records import RunQuery, TaskQuery

RECENT = 30  # runs or tasks that are offered


def suggest(incomplete: str, most: int = 5) -> list[str]:
    """The pathspecs that begin like this; where only one does, those below it as well. Never raises."""
    try:
        if not (settings.load().home / "flagstone.db").exists():
            return []  # whoever presses TAB does not mean to make a home
        place = workspace.default()
        found = _beginning(place, incomplete)
        if len(found) == 1 and found[0].count("/") + 1 < most:
            found += _beginning(place, f"{found[0]}/")
    except Exception:  # noqa: BLE001 - whoever presses TAB wants suggestions, not errors
        return []
    return found


def _beginning(place: Workspace, incomplete: str) -> list[str]:
    *above, begun = incomplete.split("/")
    return ["/".join((*above, name)) for name in _below(place, above) if name.startswith(begun)]


def _below(place: Workspace, above: Sequence[str]) -> Iterator[str]:
    """The names one level below a path."""
    if not above:
        yield from place.metadata.flows()
        return
    path = ids.parse("/".join(above), most=4)
    if path.run is None:
        runs = place.metadata.runs(RunQuery(flow=path.flow, limit=RECENT))
        yield from [ids.LATEST] if runs else []
        yield from (str(run.id.number) for run in runs)
        return
    run = find_run(place, path)
    if path.step is None:
        yield from place.metadata.count_tasks(run.id)
    elif path.task is None:
        tasks = place.metadata.tasks(run.id, TaskQuery(step=path.step, limit=RECENT))
        yield from (str(task.id.number) for task in tasks)
    else:
        task = next(find_tasks(place, run, path, TaskQuery(with_manifests=True)))
        yield from sorted(manifest_of(place, task).artifacts)
