"""Bring the runs of an old .metaflow directory into the home."""

from pathlib import Path

import click

from flagstone.app import workspace
from flagstone.app.migration.migrate import Outcome, migrate
from flagstone.cli.options import json_option
from flagstone.cli.output import note, printable, say, say_json
from flagstone.kit.text import plural

HELP = f"""{__doc__}

DIR is the folder that holds .metaflow, or that directory itself; nothing in it is changed or run. Runs, steps, tasks,
attempts, artifacts, parameters, tags, times and logs are brought over; a run's old id becomes its system tag
metaflow_run_id:ID. What is here already is left alone, so the same call again brings what is new. A run that is damaged
is reported and left out as a whole; the exit status is 1 then.
"""


@click.command(help=HELP)
@click.argument("directory", metavar="DIR")
@click.option("--flow", "flows", multiple=True, help="Only this flow; give it again for more.")
@click.option("--dry-run", is_flag=True, help="Say what would be brought over, and change nothing.")
@json_option()
def command(*, directory: str, flows: tuple[str, ...], dry_run: bool, as_json: bool) -> int:
    """Bring old runs over."""
    found: list[Outcome] = []
    for outcome in migrate(workspace.default(), Path(directory).expanduser(), flows, dry=dry_run):
        found.append(outcome)
        if not as_json:
            say(_line(outcome))
    damaged = sum(outcome.what == "damaged" for outcome in found)
    if as_json:
        say_json(found)
    else:
        brought = sum(outcome.what in ("brought", "would bring") for outcome in found)
        verb = "would be brought over" if dry_run else "brought over"
        left = f", {plural(damaged, 'run')} damaged and left out" if damaged else ""
        note(f"{plural(brought, 'run')} {verb}{left}")
    return 1 if damaged else 0


def _line(outcome: Outcome) -> str:
    parts = [f"{outcome.what:<12}", f"{outcome.old:<36}"]
    if outcome.run:
        parts.append(f"-> {outcome.run:<20}")
    if outcome.state:
        parts.append(f"{outcome.state:<10}")
    if outcome.tasks:
        parts.append(plural(outcome.tasks, "task"))
    if outcome.problem:
        parts.append(printable(outcome.problem))
    return "  ".join(parts).rstrip()
