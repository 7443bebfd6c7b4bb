"""Add, remove or list the tags of a run."""

import click

from flagstone.app import workspace as workspaces
from flagstone.cli.door import Door
from flagstone.cli.finding import find_run, parse
from flagstone.cli.options import json_option
from flagstone.cli.output import note, printable, say, say_json
from flagstone.model.ids import LATEST, Pathspec
from flagstone.model.records import RunRecord

HELP = f"""{__doc__}

The run is a pathspec such as MyFlow/7 or MyFlow/latest. In a flow's own script it is --run-id 7, by default the newest.
"""


@click.group(help=HELP)
def command() -> None:
    """Add, remove or list the tags of a run."""


@command.command("add")
@click.option("--run-id", help="The run, in a flow's own script.")
@click.argument("words", nargs=-1, required=True, metavar="[RUN] TAG...")
@click.pass_obj
def add(door: Door, /, run_id: str | None, words: tuple[str, ...]) -> None:
    """Add tags to a run."""
    run, tags = _run_and_rest(door, run_id, words)
    _say_tags(workspaces.default().metadata.mutate_tags(run.id, tags, ()))


@command.command("remove")
@click.option("--run-id", help="The run, in a flow's own script.")
@click.argument("words", nargs=-1, required=True, metavar="[RUN] TAG...")
@click.pass_obj
def remove(door: Door, /, run_id: str | None, words: tuple[str, ...]) -> None:
    """Remove tags from a run."""
    run, tags = _run_and_rest(door, run_id, words)
    absent = sorted(set(tags) - {*run.tags, *run.system_tags})
    if absent:
        note(f"{run.id} has no tag {printable(absent[0])!r}")
    _say_tags(workspaces.default().metadata.mutate_tags(run.id, (), tags))


@command.command("list")
@click.option("--run-id", help="The run, in a flow's own script.")
@click.option("--hide-system-tags", is_flag=True, help="Only the tags that people gave.")
@click.argument("words", nargs=-1, metavar="[RUN]")
@json_option()
@click.pass_obj
def list_tags(door: Door, /, run_id: str | None, hide_system_tags: bool, words: tuple[str, ...], as_json: bool) -> None:
    """List the tags of a run."""
    run, rest = _run_and_rest(door, run_id, words)
    if rest:
        raise click.UsageError(f"What is {rest[0]!r} for? One run is enough.")
    system = [] if hide_system_tags else sorted(run.system_tags)
    if as_json:
        say_json({"run": str(run.id), "tags": sorted(run.tags), "system_tags": system})
        return
    for tag in (*sorted(run.tags), *system):
        say(printable(tag))
    if not run.tags and not system:
        note(f"{run.id} has no tags")


def _run_and_rest(door: Door, run_id: str | None, words: tuple[str, ...]) -> tuple[RunRecord, tuple[str, ...]]:
    """The run that is meant, and the words that do not name it."""
    workspace = workspaces.default()
    if run_id is not None:
        return find_run(workspace, parse(run_id, door, least=2, most=2)), words
    if door.flow is not None:
        return find_run(workspace, Pathspec(door.flow.__name__, LATEST)), words
    if not words:
        raise click.UsageError("Which run? Give its pathspec, as in MyFlow/7.")
    return find_run(workspace, parse(words[0], door, least=2, most=2)), words[1:]


def _say_tags(run: RunRecord) -> None:
    say(f"{run.id}: {' '.join(printable(tag) for tag in sorted(run.tags)) or 'no tags'}")
