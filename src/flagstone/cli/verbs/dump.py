"""Print the values of artifacts, or write them to a file."""

import math
import pickle
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import click
from msgspec import Raw

from flagstone.app import workspace as workspaces
from flagstone.app.workspace import Workspace
from flagstone.cli.completing import pathspec_argument
from flagstone.cli.door import Door
from flagstone.cli.facts import artifact_facts
from flagstone.cli.finding import find_attempts, find_run, manifest_of, missing, parse, plan_of
from flagstone.cli.options import json_option
from flagstone.cli.output import note, printable, say, say_json
from flagstone.client.main_module import resolver_for
from flagstone.kit import text
from flagstone.model.artifacts import Artifact, decode_artifact, decode_manifest
from flagstone.model.errors import FlagstoneError, InvalidSetting
from flagstone.model.ids import Pathspec


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
@pathspec_argument()
@click.option("--attempt", type=click.IntRange(min=0), help="Which attempt, from 0.  [default: the newest]")
@click.option("--include", help="Only these artifacts, as in a,b.")
@click.option("--private", is_flag=True, help="Also those whose names begin with _.")
@click.option("--preview", is_flag=True, help="Only previews: nothing is unpickled.")
@click.option(
    "--max-value-size", type=click.IntRange(min=0), default=1000, show_default=True, help="Preview what has more bytes."
)
@click.option(
    "--file", "target", type=click.Path(dir_okay=False), help="Write a pickled dict of all values by pathspec."
)
@json_option()
@click.pass_obj
def command(door: Door, /, pathspec: str, include: str | None, private: bool, target: str | None, **given: Any) -> None:
    """Print the values of artifacts."""
    workspace = workspaces.default()
    path = parse(pathspec, door, least=2)
    names = {name.strip() for name in include.split(",")} if include is not None else None
    found = _artifacts(workspace, path, names, private=private, attempt=given["attempt"])
    if target is not None:
        _write(workspace, found, target)
        return
    first = next(found, None)
    if first is None and (path.artifact is not None or names is not None):
        named = f"an artifact {text.listed(sorted(names or ()), 'or')} of {path}"
        what = f"artifact {path}" if path.artifact is not None else named
        raise missing(workspace, what, f"`flagstone dump {'/'.join(path.parts[:4])}` lists")
    most = -1 if given["preview"] else given["max_value_size"]
    every = chain([first], found) if first is not None else iter(())
    if given["as_json"]:
        say_json([_facts(workspace, one, most) for one in every])
    else:
        _print(workspace, every, most)
        if first is None:
            note("no artifacts")


def _print(workspace: Workspace, found: Iterator[_Found], most: int) -> None:
    """Names and values below the name of their task; values of more than `most` bytes as previews."""
    task = ""
    for one in found:
        if one.task != task:
            task = one.task
            say(f"{task}:")
        small = one.artifact.size <= most
        value = _shown(workspace, one) if small else f"{one.artifact.preview}  ({_kind(one.artifact)})"
        say(f"  {one.name} = {value}")


def _facts(workspace: Workspace, one: _Found, most: int) -> dict[str, Any]:
    """An artifact with its value, where that is not too large: as JSON where JSON has it, else as its repr."""
    facts = {"task": one.task, **artifact_facts(one.name, one.artifact)}
    if one.artifact.size > most:
        return facts
    try:
        value = one.load(workspace)
        if _is_json(value):
            return {**facts, "value": value}
    except FlagstoneError as error:
        return {**facts, "problem": str(error)}
    return {**facts, "repr": _shown(workspace, one)}


def _is_json(value: Any) -> bool:
    """Whether JSON holds a value as it is: no other type, no NaN, no key that is not a text."""
    if isinstance(value, dict):
        return type(value) is dict and all(isinstance(k, str) and _is_json(v) for k, v in value.items())
    if type(value) is list:
        return all(map(_is_json, value))
    if type(value) is float:
        return math.isfinite(value)
    return value is None or type(value) in (bool, str) or (type(value) is int and abs(value) < 1 << 63)


def _artifacts(
    workspace: Workspace, path: Pathspec, names: set[str] | None, *, private: bool, attempt: int | None
) -> Iterator[_Found]:
    """The artifacts at or below a path, those of the run (parameters and constants) included."""
    run = find_run(workspace, path)
    of_run = decode_manifest(run.constants).artifacts
    plan = plan_of(workspace, run)
    main = resolver_for(plan) if plan is not None else None
    if path.artifact is not None:
        names = {path.artifact}
    for task in find_attempts(workspace, run, path, attempt, with_manifests=True):
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
        problem = f"it cannot be written: {error.strerror}"
        raise InvalidSetting(setting="file", value=target, problem=problem, source="--file") from None
    note(f"{text.plural(len(values), 'value')} in {target}")
