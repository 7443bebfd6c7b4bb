"""Print the values of artifacts, or write them to a file."""

import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
from msgspec import Raw

from flagstone.app import workspace as workspaces
from flagstone.app.workspace import Workspace
from flagstone.cli.door import Door
from flagstone.cli.finding import find_run, find_tasks, manifest_of, missing, parse, plan_of
from flagstone.cli.output import note, printable, say
from flagstone.client.main_module import resolver_for
from flagstone.kit import text
from flagstone.model.artifacts import Artifact, decode_artifact, decode_manifest
from flagstone.model.errors import FlagstoneError, UnusableHome
from flagstone.model.ids import Pathspec
from flagstone.model.records import TaskQuery


class _Found:
    """One artifact of one task; classes of the flow's own file are found there when a value needs them."""

    def __init__(self, task: str, name: str, raw: Raw, main: Callable[[str], Any] | None) -> None:
        self.task = task
        self.name = name
        self.artifact: Artifact = decode_artifact(raw)
        self._main = main

    def load(self, workspace: Workspace) -> Any:
        """The value. Raises UnreadableArtifact, CorruptBlob."""
        return workspace.artifacts.load(
            self.artifact, name=f"{self.task}/{self.name}", main=self._main, track=False
        ).value


@click.command(
    help=f"{__doc__}\n\nPATHSPEC is a run, a step, a task or an artifact. This unpickles; --preview does not."
)
@click.argument("pathspec")
@click.option("--include", help="Only these artifacts, as in a,b.")
@click.option("--private", is_flag=True, help="Also those whose names begin with _.")
@click.option("--preview", is_flag=True, help="Only previews: nothing is unpickled.")
@click.option(
    "--max-value-size", type=click.IntRange(min=0), default=1000, show_default=True, help="Preview what has more bytes."
)
@click.option(
    "--file", "target", type=click.Path(dir_okay=False), help="Write a pickled dict of all values by pathspec."
)
@click.pass_obj
def command(door: Door, /, pathspec: str, include: str | None, private: bool, target: str | None, **given: Any) -> None:
    """Print the values of artifacts."""
    workspace = workspaces.default()
    path = parse(pathspec, door, least=2)
    names = {name.strip() for name in include.split(",")} if include is not None else None
    found = _artifacts(workspace, path, names, private)
    if target is not None:
        _write(workspace, found, target)
        return
    task, shown = "", False
    for one in found:
        if one.task != task:
            task = one.task
            say(f"{task}:")
        shown = True
        whole = not given["preview"] and one.artifact.size <= given["max_value_size"]
        value = _shown(workspace, one) if whole else f"{one.artifact.preview}  ({_kind(one.artifact)})"
        say(f"  {one.name} = {value}")
    if not shown:
        if path.artifact is not None or names:
            raise missing(workspace, f"artifact {path}", f"`flagstone dump {'/'.join(path.parts[:4])}` lists")
        note("no artifacts")


def _artifacts(workspace: Workspace, path: Pathspec, names: set[str] | None, private: bool) -> Iterator[_Found]:
    """The artifacts at or below a path, those of the run (parameters and constants) included."""
    run = find_run(workspace, path)
    of_run = decode_manifest(run.constants).artifacts
    plan = plan_of(workspace, run)
    main = resolver_for(plan) if plan is not None else None
    if path.artifact is not None:
        names = {path.artifact}
    for task in find_tasks(workspace, run, path, TaskQuery(with_manifests=True)):
        for name, raw in sorted({**of_run, **manifest_of(workspace, task).artifacts}.items()):
            wanted = name in names if names is not None else private or not name.startswith("_")
            if wanted:
                yield _Found(str(task.id), name, raw, main)


def _shown(workspace: Workspace, one: _Found) -> str:
    """The value's repr; where it cannot be had, why."""
    try:
        value = one.load(workspace)
    except FlagstoneError as error:
        return f"<{error}>"
    try:
        return printable(repr(value))
    except Exception as error:  # noqa: BLE001 - a user's __repr__ may raise anything
        return f"<{one.artifact.type}, whose repr raises {type(error).__name__}>"


def _kind(artifact: Artifact) -> str:
    return f"{artifact.type}, {text.size(artifact.size)}"


def _write(workspace: Workspace, found: Iterator[_Found], target: str) -> None:
    values: dict[str, Any] = {}
    for one in found:
        values[f"{one.task}/{one.name}"] = one.load(workspace)
    try:
        with Path(target).open("wb") as file:
            pickle.dump(values, file, protocol=5)
    except OSError as error:
        raise UnusableHome(
            path=target, problem=str(error.strerror), hint="give --file a path that can be written"
        ) from None
    note(f"{text.plural(len(values), 'value')} in {target}")
