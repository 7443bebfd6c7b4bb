"""Run a flow from its first step to its last."""

from typing import Any

import click

from flagstone.cli.door import Door
from flagstone.cli.files import file_command
from flagstone.cli.heavy import heavy
from flagstone.cli.options import run_options, split_options
from flagstone.cli.parameters import parameter_options, parameter_values
from flagstone.dsl.flow import FlowSpec


def script_command(flow: type[FlowSpec]) -> click.Command:
    """`run` of one flow, whose parameters are its options."""

    @click.pass_context
    def start(context: click.Context, /, **given: Any) -> int:
        door: Door = context.obj
        for text in (*door.with_decorators, *given["with_"]):
            heavy("attach")(flow, text)
        options = heavy("run_options")(parameters=parameter_values(flow, given), **split_options(door, given))
        quiet = given["quiet"] or door.quiet
        status: int = heavy("run")(flow, options, quiet=quiet, as_json=given["as_json"], again=door.call("resume"))
        return status

    return click.Command("run", callback=start, help=__doc__, params=[*parameter_options(flow), *run_options()])


command = file_command("run", script_command, __doc__)
