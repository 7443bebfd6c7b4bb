"""Carry on with a run that did not succeed: what succeeded is not run again."""

from typing import Any

import click

from flagstone.cli.door import Door
from flagstone.cli.files import file_command
from flagstone.cli.flow_command import ResumeCommand
from flagstone.cli.flow_options import flow_options
from flagstone.cli.heavy import heavy
from flagstone.cli.options import run_options, split_options
from flagstone.cli.parameters import parameter_options, parameter_values
from flagstone.dsl.flow import FlowSpec

HELP = f"""{__doc__}

STEP makes that step and everything after it run again as well. A parameter may be given a new value: what reads it,
and what follows from there, runs again.
"""


def script_command(flow: type[FlowSpec]) -> click.Command:
    """`resume` of one flow."""

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
        options = heavy("resume_options")(
            parameters=values,
            step=given["step"],
            origin=given["origin_run_id"],
            **split_options(door, given),
        )
        quiet = given["quiet"] or door.quiet
        watch = heavy("watchers")(quiet=quiet, as_json=given["as_json"], again=door.call("resume"), driver=driver)
        status: int = heavy("resume")(flow, options, watch)
        return status

    origin = click.Option(["--origin-run-id"], metavar="RUN", help="The run to resume.  [default: the newest one]")
    return ResumeCommand(
        "resume",
        flow=flow,
        callback=start,
        help=HELP,
        options=lambda: [
            click.Argument(["step"], required=False),
            origin,
            *parameter_options(flow, resuming=True),
            *run_options(),
            *flow_options(flow),
        ],
    )


command = file_command("resume", script_command, __doc__)
