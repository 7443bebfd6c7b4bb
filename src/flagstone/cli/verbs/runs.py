"""List runs, the newest first."""

from typing import Any

import click

from flagstone.app import workspace as workspaces
from flagstone.cli.choosing import filter_options, is_filtered, query_of
from flagstone.cli.door import Door
from flagstone.cli.facts import brief, local, run_facts, took
from flagstone.cli.options import json_option
from flagstone.cli.output import note, say, say_json, say_table
from flagstone.model import ids
from flagstone.model.records import RunRecord


@click.command(help=__doc__)
@click.argument("flow", required=False)
@filter_options()
@click.option("--namespace", help="Only runs that are in this namespace, as in user:ann.")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="At most so many.")
@click.option("--all", "everything", is_flag=True, help="All of them.")
@json_option()
@click.pass_obj
def command(door: Door, /, flow: str | None, as_json: bool, **given: Any) -> None:
    """List runs, the newest first."""
    if flow is None and door.flow is not None:
        flow = door.flow.__name__
    name = ids.parse(flow, most=1).flow if flow is not None else None
    most = None if given["everything"] else given["limit"] + 1  # one more than is shown: are there any?
    given["namespace"] = given["namespace"] or door.namespace
    found = workspaces.default().metadata.runs(query_of(name, given, limit=most))
    shown = found if given["everything"] else found[: given["limit"]]
    if as_json:
        say_json([run_facts(run) for run in shown])
        return
    if not shown:
        say(
            "no runs match"
            if is_filtered(given) or given["namespace"]
            else f"no runs {f'of {name} ' if name else ''}yet: python flow.py run"
        )
        return
    say_table(("RUN", "STATUS", "STARTED", "TOOK", "USER", "PARAMETERS", "TAGS"), map(_cells, shown))
    if len(found) > len(shown):
        note("there are more: --all shows them, --limit some of them")


def _cells(run: RunRecord) -> tuple[str, ...]:
    started, length = local(run.created), took(run.created, run.finished)
    return (str(run.id), str(run.state), started, length, run.user, brief(run.parameters), " ".join(sorted(run.tags)))
