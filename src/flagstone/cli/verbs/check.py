"""Check a flow's graph without running anything."""

import click

from flagstone.cli.files import file_command
from flagstone.cli.output import say
from flagstone.dsl.flow import FlowSpec
from flagstone.dsl.reading import read_plan
from flagstone.kit.text import plural


def script_command(flow: type[FlowSpec]) -> click.Command:
    """`check` of one flow."""

    def start() -> None:
        plan = read_plan(flow)
        steps, parameters = plural(len(plan.steps), "step"), plural(len(plan.parameters), "parameter")
        say(f"{plan.flow} is right: {steps}, {parameters}.")

    return click.Command("check", callback=start, help=__doc__)


command = file_command("check", script_command, __doc__)
