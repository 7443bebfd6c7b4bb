"""Run a flow from its first step to its last."""

from typing import Any

import click

from flagstone.cli.door import Door
from flagstone.cli.files import file_command
from flagstone.cli.flow_command import FlowCommand
from flagstone.cli.flow_options import flow_options
from flagstone.cli.heavy import heavy
from flagstone.cli.options import run_options, split_options
from flagstone.cli.parameters import parameter_options, parameter_values
from flagstone.dsl.flow import FlowSpec


def script_command(flow: type[FlowSpec]) -> click.Command:
    """`run` of one flow, whose parameters are its options."""

    @click.pass_context
    def start(context: click.Context, /, **given: Any) -> int:
        door: Door = context.obj
        if given["runner_folder"]:
            driven: int = heavy("driven")(given.pop("runner_folder"), lambda driver: begin(door, given, driver))
            return driven
        return begin(door, given, None)

    def begin(door: Door, given: dict[str, Any], driver: Any) -> int:
        for text in (*door.with_decorators, *given["with_"]):
            heavy("attach")(flow, text)
        values = parameter_values(flow, given) | (driver.parameters(flow) if driver is not None else {})
        options = heavy("run_options")(parameters=values, **split_options(door, given))
        quiet = given["quiet"] or door.quiet
        watch = heavy("watchers")(quiet=quiet, as_json=given["as_json"], again=door.call("resume"), driver=driver)
        status: int = heavy("run")(flow, options, watch)
        return status

    return FlowCommand(
        "run",
        flow=flow,
        callback=start,
        help=__doc__,
        options=lambda: [*parameter_options(flow), *run_options(), *flow_options(flow)],
    )


command = file_command("run", script_command, __doc__)
