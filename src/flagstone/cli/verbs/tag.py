"""Add, remove, replace or list the tags of runs."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import click

from flagstone.app import workspace as workspaces
from flagstone.app.workspace import Workspace
from flagstone.cli.choosing import filter_options, is_filtered, named_apart, query_of, runs_named
from flagstone.cli.completing import completed
from flagstone.cli.door import Door
from flagstone.cli.facts import tag_facts
from flagstone.cli.options import json_option
from flagstone.cli.output import note, printable, say, say_json, say_table
from flagstone.kit import text
from flagstone.metadata.rules import changed_tags
from flagstone.model import ids
from flagstone.model.errors import InvalidTag, NotFound
from flagstone.model.records import RunRecord

F = TypeVar("F", bound=Callable[..., Any])

HELP = f"""{__doc__}

Runs are named by pathspecs such as MyFlow/7 or MyFlow/latest, one or several, or found: --flow MyFlow --status failed.
In a flow's own script it is --run-id 7, by default the newest. A run has at most 50 tags that people gave it, each of
at most 500 characters.
"""


@click.group(help=HELP)
def command() -> None:
    """Add, remove, replace or list the tags of runs."""


def choosing(function: F) -> F:
    """The options that say which runs a change is about."""
    options = (
        click.option(
            "--run-id", "run_ids", multiple=True, help="A run; give it again for more. All words are tags then."
        ),
        click.option("--flow", help="Every run of this flow, or with the filters those that match."),
        filter_options("--with-tag"),
        click.option("--namespace", help="Only runs that are in this namespace, as in user:ann."),
        click.option("--dry-run", is_flag=True, help="Change nothing; say what would be."),
        json_option(),
        click.pass_obj,
    )
    for option in reversed(options):
        function = option(function)
    return function


@command.command("add", help="Add tags to runs.")
@click.argument("words", nargs=-1, required=True, metavar="[RUN]... TAG...", shell_complete=completed(2))
@choosing
def add(door: Door, /, words: tuple[str, ...], **given: Any) -> None:
    """Add tags to runs."""
    runs, tags = _runs_and_tags(door, words, given)
    _change(runs, tags, (), given)


@command.command("remove", help="Remove tags from runs.")
@click.argument("words", nargs=-1, required=True, metavar="[RUN]... TAG...", shell_complete=completed(2))
@choosing
def remove(door: Door, /, words: tuple[str, ...], **given: Any) -> None:
    """Remove tags from runs."""
    runs, tags = _runs_and_tags(door, words, given)
    _change(runs, (), tags, given)


@command.command("replace", help="Remove tags and add others, in one go.")
@click.argument("words", nargs=-1, metavar="[RUN]...", shell_complete=completed(2))
@click.option("--add", "added", multiple=True, help="A tag to add; give it again for more.")
@click.option("--remove", "removed", multiple=True, help="A tag to remove; give it again for more.")
@choosing
def replace(
    door: Door, /, words: tuple[str, ...], added: tuple[str, ...], removed: tuple[str, ...], **given: Any
) -> None:
    """Remove tags and add others."""
    if not added and not removed:
        raise click.UsageError("Which tags? Say --remove OLD --add NEW.")
    runs, rest = _runs_and_rest(door, words, given)
    if rest:
        raise click.UsageError(f"What is {rest[0]!r} for? Tags are given as --add and --remove.")
    _change(runs, added, removed, given)


@command.command("list", help="List the tags of a run, or of several runs.")
@click.argument("words", nargs=-1, metavar="[RUN]...", shell_complete=completed(2))
@click.option("--run-id", "run_ids", multiple=True, help="A run; give it again for more.")
@click.option("--all", "everything", is_flag=True, help="Of all runs (of the flow, where there is one).")
@click.option("--my-runs", is_flag=True, help="Of all of your own runs.")
@click.option("--flow", help="Of every run of this flow, or with the filters of those that match.")
@filter_options("--with-tag")
@click.option("--namespace", help="Only of runs that are in this namespace, as in user:ann.")
@click.option("--hide-system-tags", is_flag=True, help="Only the tags that people gave.")
@click.option("--group-by-tag", "form", flag_value="tag", help="Each tag with its runs.")
@click.option("--group-by-run", "form", flag_value="run", help="Each run with its tags.  [default for several runs]")
@click.option("--flat", "form", flag_value="flat", help="Every tag once, one a line.  [default for one run]")
@json_option()
@click.pass_obj
def list_tags(door: Door, /, words: tuple[str, ...], form: str | None, as_json: bool, **given: Any) -> None:
    """List the tags of runs."""
    workspace = workspaces.default()
    if given["everything"] or given["my_runs"]:
        flow = given["flow"] or (door.flow.__name__ if door.flow is not None else None)
        query = query_of(flow, {**given, "user": workspace.user if given["my_runs"] else given["user"]})
        runs, rest, single = workspace.metadata.runs(query), words, False
    else:
        runs, rest = _runs_and_rest(door, words, given)
        single = len(runs) == 1 and not (given["flow"] or is_filtered(given))
    if rest:
        raise click.UsageError(f"What is {rest[0]!r} for? Runs are named like MyFlow/7.")
    hidden = given["hide_system_tags"]
    facts = [tag_facts(run, hide_system=hidden) for run in runs]
    form = form or ("flat" if single else "run")
    if as_json:
        say_json(facts[0] if single and form == "flat" else _as_data(facts, form))
    else:
        _print(facts, form)
    if not any(_tags(one) for one in facts):
        note(f"{runs[0].id} has no tags" if single else "no tags")


# --- which runs ------------------------------------------------------------------------------------------------


def _runs_and_tags(
    door: Door, words: tuple[str, ...], given: dict[str, Any]
) -> tuple[list[RunRecord], tuple[str, ...]]:
    runs, tags = _runs_and_rest(door, words, given)
    if not tags:
        raise click.UsageError("Which tag? A word that looks like a run is one: with --run-id every word is a tag.")
    return runs, tags


def _runs_and_rest(
    door: Door, words: tuple[str, ...], given: dict[str, Any]
) -> tuple[list[RunRecord], tuple[str, ...]]:
    """The runs that are meant, and the words that do not name one. Raises NotFound, InvalidPathspec."""
    workspace = workspaces.default()
    namespace = given["namespace"] or door.namespace
    own = door.flow.__name__ if door.flow is not None else None
    if given["run_ids"]:
        return runs_named(workspace, given["run_ids"], door, namespace), words
    if given["flow"] or is_filtered(given):
        return _found(workspace, given["flow"] or own, {**given, "namespace": namespace}), words
    names, rest = named_apart(words)
    if names:
        return runs_named(workspace, names, door, namespace), rest
    if own is not None:
        return runs_named(workspace, [f"{own}/{ids.LATEST}"], door, namespace), words
    if not words:
        raise click.UsageError("Which run? Give its pathspec, as in MyFlow/7.")
    return runs_named(workspace, words[:1], door, namespace), words[1:]


def _found(workspace: Workspace, flow: str | None, given: dict[str, Any]) -> list[RunRecord]:
    if flow is not None:
        flow = ids.parse(flow, most=1).flow
    runs = workspace.metadata.runs(query_of(flow, given))
    if not runs:
        raise NotFound(what="a run that matches", place=f" in {workspace.home}", hint="`flagstone runs` lists the runs")
    return runs


# --- changing and showing --------------------------------------------------------------------------------------


def _change(runs: Sequence[RunRecord], add: Sequence[str], remove: Sequence[str], given: dict[str, Any]) -> None:
    """Change the tags of all of these runs, or of none. Raises InvalidTag."""
    for run in runs:
        try:
            changed_tags(run.tags, run.system_tags, add, remove)
        except InvalidTag as error:
            if len(runs) == 1:
                raise
            raise InvalidTag(tag=error.fields["tag"], problem=f"{error.fields['problem']} ({run.id})") from None
        absent = sorted(set(remove) - {*run.tags, *run.system_tags})
        if absent and len(runs) == 1:
            note(f"{run.id} has no tag {printable(absent[0])!r}")
    metadata = workspaces.default().metadata
    if given["dry_run"]:
        done = [_would_be(run, add, remove) for run in runs]
    else:
        done = [tag_facts(metadata.mutate_tags(run.id, add, remove), hide_system=False) for run in runs]
    if given["as_json"]:
        say_json(done)
        return
    for one in done:
        say(f"{one['run']}: {_spelled(one['tags']) or 'no tags'}")
    if given["dry_run"]:
        note(f"nothing was changed: this is how {text.plural(len(runs), 'run')} would be")


def _would_be(run: RunRecord, add: Sequence[str], remove: Sequence[str]) -> dict[str, Any]:
    facts = tag_facts(run, hide_system=False)
    return {**facts, "tags": sorted(changed_tags(run.tags, run.system_tags, add, remove))}


def _tags(facts: dict[str, Any]) -> list[str]:
    return [*facts["tags"], *facts["system_tags"]]


def _spelled(tags: Iterable[str]) -> str:
    """Tags in one line; one with a space in it stands in quotes."""
    return " ".join(f'"{printable(tag)}"' if " " in tag else printable(tag) for tag in tags)


def _as_data(facts: list[dict[str, Any]], form: str) -> object:
    if form == "run":
        return facts
    grouped = _by_tag(facts)
    return grouped if form == "tag" else list(grouped)


def _by_tag(facts: list[dict[str, Any]]) -> dict[str, list[str]]:
    """The runs of each tag; people's tags come first."""
    grouped: dict[str, list[str]] = {}
    for kind in ("tags", "system_tags"):
        for tag in sorted({tag for one in facts for tag in one[kind]}):
            grouped[tag] = [one["run"] for one in facts if tag in _tags(one)]
    return grouped


def _print(facts: list[dict[str, Any]], form: str) -> None:
    if form == "flat":
        for tag in _by_tag(facts):
            say(printable(tag))
    elif form == "tag":
        say_table(("TAG", "RUNS"), ((tag, " ".join(runs)) for tag, runs in _by_tag(facts).items()))
    else:
        say_table(("RUN", "TAGS"), ((one["run"], _spelled(_tags(one))) for one in facts))
