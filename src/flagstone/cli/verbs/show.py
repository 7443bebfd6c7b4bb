"""Show a flow's steps, a run, a step, a task or an artifact."""

import click

from flagstone.app import workspace as workspaces
from flagstone.cli import showing
from flagstone.cli.door import Door
from flagstone.cli.finding import parse
from flagstone.cli.options import json_option
from flagstone.cli.output import say, say_json
from flagstone.dsl.flow import FlowSpec
from flagstone.dsl.reading import read_plan
from flagstone.model import drawing


@click.command(help=f"{__doc__}\n\nNothing that is stored is unpickled for it.")
@click.argument("pathspec")
@click.option("--all", "everything", is_flag=True, help="Every task, not only the first ones.")
@json_option()
@click.pass_obj
def command(door: Door, /, pathspec: str, everything: bool, as_json: bool) -> None:
    """Show what a pathspec names."""
    path = parse(pathspec, door)
    showing.show(workspaces.default(), path, everything=everything, as_json=as_json)


def script_command(flow: type[FlowSpec]) -> click.Command:
    """`show` in a flow's script: without a pathspec, the flow itself."""

    @click.pass_obj
    def start(door: Door, /, pathspec: str | None, form: str, everything: bool, as_json: bool) -> None:
        if pathspec is not None:
            path = parse(pathspec, door)
            showing.show(workspaces.default(), path, everything=everything, as_json=as_json)
            return
        plan = read_plan(flow)
        if as_json:
            say_json(drawing.data(plan))
        else:
            draw = {"text": drawing.text, "mermaid": drawing.mermaid, "dot": drawing.dot}[form]
            say(draw(plan).rstrip("\n"))

    return click.Command(
        "show",
        callback=start,
        help=f"{__doc__}\n\nWithout PATHSPEC, the steps of the flow. PATHSPEC needs no flow here: 7/train.",
        params=[
            click.Argument(["pathspec"], required=False),
            click.Option(
                ["--as", "form"],
                type=click.Choice(["text", "mermaid", "dot"]),
                default="text",
                help="How the steps are drawn.  [default: text]",
            ),
            *command.params[1:],
        ],
    )
