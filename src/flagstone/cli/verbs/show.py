"""Show a flow's steps, a run, a step, a task or an artifact."""

import os
from typing import Any

import click

from flagstone.app import workspace as workspaces
from flagstone.cli import showing
from flagstone.cli.completing import completed
from flagstone.cli.door import Door
from flagstone.cli.files import file_command
from flagstone.cli.finding import find_run, parse, plan_of
from flagstone.cli.output import say, say_json
from flagstone.dsl.flow import FlowSpec
from flagstone.dsl.reading import read_plan
from flagstone.model import drawing
from flagstone.model.plan import Plan

FORMS = {"text": drawing.text, "mermaid": drawing.mermaid, "dot": drawing.dot}

HELP = f"""{__doc__}

Nothing that is stored is unpickled for it. PATHSPEC may also be a flow's file: `flagstone show flow.py` shows its
steps. --dot, --mermaid and --as text show those of a run, as they were when it ran.
"""


def show_options() -> list[click.Parameter]:
    """How it is shown."""
    json = click.Option(["--json", "as_json"], is_flag=True, help="The same as JSON.")
    return [
        click.Option(["--all", "everything"], is_flag=True, help="Every task, not only the first ones."),
        click.Option(["--attempt"], type=click.IntRange(min=0), help="Which attempt of a task.  [default: the newest]"),
        click.Option(["--as", "form"], type=click.Choice(list(FORMS)), help="How steps are drawn.  [default: text]"),
        click.Option(["--dot", "form"], flag_value="dot", help="Steps as a Graphviz graph."),
        click.Option(["--mermaid", "form"], flag_value="mermaid", help="Steps as a Mermaid flowchart."),
        json,
    ]


@click.pass_obj
def start(door: Door, /, pathspec: str, form: str | None, as_json: bool, **given: Any) -> object:
    """Show what a pathspec or a file names."""
    if _is_file(pathspec):
        words = [*(["--as", form] if form else []), *(["--json"] if as_json else [])]
        with FILE.make_context("flagstone show", [pathspec, *words], obj=door) as context:
            return FILE.invoke(context)
    workspace = workspaces.default()
    path = parse(pathspec, door, least=2 if form else 1, most=2 if form else 5)
    plan = plan_of(workspace, find_run(workspace, path)) if form else None
    if plan is not None:
        draw(plan, form, as_json)
    else:
        showing.show(workspace, path, as_json=as_json, **given)
    return None


def _is_file(text: str) -> bool:
    """Whether a text names a flow's file, perhaps with a flow in it; no pathspec has a dot."""
    return ".py" in text and "." in os.path.basename(text)


def draw(plan: Plan, form: str | None, as_json: bool) -> None:
    """The steps of a plan."""
    if as_json:
        say_json(drawing.data(plan))
    else:
        say(FORMS[form or "text"](plan).rstrip("\n"))


def script_command(flow: type[FlowSpec]) -> click.Command:
    """`show` in a flow's script: without a pathspec, the flow itself."""

    @click.pass_context
    def begin(context: click.Context, /, pathspec: str | None, **given: Any) -> object:
        if pathspec is not None:
            return context.invoke(start, pathspec=pathspec, **given)
        draw(read_plan(flow), given["form"], given["as_json"])
        return None

    return click.Command(
        "show",
        callback=begin,
        help=f"{__doc__}\n\nWithout PATHSPEC, the steps of the flow. PATHSPEC needs no flow here: 7/train.",
        params=[click.Argument(["pathspec"], required=False), *show_options()],
    )


FILE = file_command("show", script_command, __doc__)
command = click.Command(
    "show",
    callback=start,
    help=HELP,
    params=[click.Argument(["pathspec"], shell_complete=completed(5)), *show_options()],
)
