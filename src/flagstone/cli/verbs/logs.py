"""Print what tasks printed, or scrub it."""

from collections.abc import Iterator
from typing import Any

import click

from flagstone.app import workspace as workspaces
from flagstone.app.workspace import Workspace
from flagstone.cli.completing import pathspec_argument
from flagstone.cli.door import Door
from flagstone.cli.facts import local
from flagstone.cli.finding import find_attempts, find_run, find_tasks, parse
from flagstone.cli.following import follow
from flagstone.cli.groups import DefaultGroup
from flagstone.cli.log_merging import merged
from flagstone.cli.log_printing import Printer, pattern
from flagstone.cli.log_reading import pieces
from flagstone.cli.options import chosen_streams, json_option, stream_options
from flagstone.cli.output import note, say, say_json
from flagstone.kit import text
from flagstone.model.ids import Pathspec
from flagstone.model.records import RunRecord, TaskQuery, TaskRecord
from flagstone.store import scrubs

NOTHING = 1  # as grep reports it

HELP = f"""{__doc__}

`logs PATHSPEC` is `logs show PATHSPEC`. PATHSPEC is a run, a step or a task.
"""

SCRUB = """Overwrite what tasks printed, for good: nobody can read it any more.

Each character becomes a star; lines stay lines. With --grep only what matches does. What was copied elsewhere stays
there: an exception's own words, which `show` tells, are not part of the output, and neither is an artifact.
"""


@click.group(cls=DefaultGroup, help=HELP)
def command() -> None:
    """Print what tasks printed, or scrub it."""


# --- printing --------------------------------------------------------------------------------------------------


@command.command("show", help="Print what tasks printed. Lines of several tasks come in the order of time.")
@pathspec_argument(most=4)
@stream_options("Only what was printed to {}.")
@click.option("--timestamps", is_flag=True, help="Begin each line with the time at which it was seen.")
@click.option("--attempt", type=click.IntRange(min=0), help="Which attempt, from 0.  [default: the newest]")
@click.option("-f", "--follow", "following", is_flag=True, help="Go on until the run is over.")
@click.option("--grep", metavar="REGEX", help="Only lines that match; the exit status is 1 when none does.")
@click.option("--json", "as_json", is_flag=True, help="Each line as a JSON object, with its task, time and stream.")
@click.pass_obj
def show(door: Door, /, pathspec: str, attempt: int | None, grep: str | None, **given: Any) -> int:
    """Print what tasks printed."""
    path = parse(pathspec, door, least=2, most=4)
    if given["following"] and attempt is not None:
        raise click.UsageError("--follow shows the newest attempt; leave --attempt out.")
    printer = Printer(
        several=path.task is None,
        timestamps=given["timestamps"],
        grep=pattern(grep) if grep is not None else None,
        as_json=given["as_json"],
    )
    workspace = workspaces.default()
    run = find_run(workspace, path)
    if given["following"]:
        follow(workspace, run.id, path, chosen_streams(given), printer)
    else:
        _print(workspace, run, path, attempt, printer, given)
    if printer.printed:
        return 0
    note("no line matches" if grep is not None else "nothing was printed")
    return NOTHING if grep is not None else 0


def _print(
    workspace: Workspace, run: RunRecord, path: Pathspec, attempt: int | None, printer: Printer, given: dict[str, Any]
) -> None:
    tasks = find_attempts(workspace, run, path, attempt)
    streams = chosen_streams(given)
    if path.task is None:
        for task, piece in merged(workspace, run.id, tasks, streams):
            printer(task, piece)
        return
    timed = given["timestamps"] or given["as_json"]
    for task in tasks:
        for piece in pieces(workspace, run.id, task, streams, timed=timed):
            printer(task, piece)
        _tell_of_scrubs(workspace, task, streams)


def _tell_of_scrubs(workspace: Workspace, task: TaskRecord, streams: list[str]) -> None:
    for stream in streams:
        scrub = workspace.logs.scrubbed(task.origin or task.id.run, task.log, stream) if task.log is not None else None
        if scrub is not None:
            part = "parts of " if scrub.matches else ""
            note(f"{part}{stream} of {task.id} was scrubbed by {scrub.user} on {local(scrub.time)}")


# --- scrubbing -------------------------------------------------------------------------------------------------


@command.command("scrub", help=SCRUB)
@pathspec_argument(most=4)
@stream_options("Only {}.")
@click.option("--attempt", type=click.IntRange(min=0), help="Only this attempt, from 0.")
@click.option(
    "--latest/--all", "latest", default=True, show_default=True, help="The newest attempt of each task, or all."
)
@click.option("--include-not-done", is_flag=True, help="Also what tasks that still run have printed so far.")
@click.option("--grep", metavar="REGEX", help="Only what matches, line by line.")
@json_option()
@click.pass_obj
def scrub(door: Door, /, pathspec: str, grep: str | None, as_json: bool, **given: Any) -> int:
    """Overwrite what tasks printed."""
    path = parse(pathspec, door, least=2, most=4)
    mask = scrubs.everything if grep is None else scrubs.matching(pattern(grep))
    workspace = workspaces.default()
    run = find_run(workspace, path)
    streams = chosen_streams(given)
    done: list[dict[str, Any]] = []
    running = 0
    for task in _chosen(workspace, run, path, given):
        if not task.state.finished and not given["include_not_done"]:
            running += 1
        elif task.log is not None:
            owner = task.origin or run.id
            changed = {
                stream: workspace.logs.scrub(
                    owner, task.log, stream, mask, user=workspace.user, matches=grep is not None
                )
                for stream in streams
            }
            done.append({"task": str(task.id), "attempt": task.attempt, **changed})
    if as_json:
        say_json(done)
    else:
        _tell(done, streams)
    if running:
        note(f"{text.plural(running, 'task')} still running left alone: --include-not-done scrubs what is there so far")
    return 1 if running and not done else 0


def _chosen(workspace: Workspace, run: RunRecord, path: Pathspec, given: dict[str, Any]) -> Iterator[TaskRecord]:
    if given["attempt"] is None and not given["latest"]:
        return find_tasks(workspace, run, path, TaskQuery(every_attempt=True))
    tasks = list(find_attempts(workspace, run, path, given["attempt"]))
    if given["attempt"] is None and any(task.attempt for task in tasks):
        note("older attempts keep what they printed: --all scrubs them as well")
    return iter(tasks)


def _tell(done: list[dict[str, Any]], streams: list[str]) -> None:
    for one in done:
        parts = [f"{text.size(one[stream])} of {stream}" for stream in streams if one[stream]]
        if parts:
            attempt = f" (attempt {one['attempt']})" if one["attempt"] else ""
            say(f"{one['task']}{attempt}: {text.listed(parts)} scrubbed")
    if not any(one[stream] for one in done for stream in streams):
        note("nothing to scrub")
