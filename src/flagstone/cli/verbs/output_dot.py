"""Print a flow's steps as a Graphviz graph, as `show --dot` does."""

import click

from flagstone.cli.files import file_command
from flagstone.cli.output import say
from flagstone.dsl.flow import FlowSpec
from flagstone.dsl.reading import read_plan
from flagstone.model import drawing


def script_command(flow: type[FlowSpec]) -> click.Command:
    """`output-dot` of one flow."""

    def start() -> None:
        say(drawing.dot(read_plan(flow)).rstrip("\n"))

    return click.Command("output-dot", callback=start, help=__doc__)


command = file_command("output-dot", script_command, __doc__)
