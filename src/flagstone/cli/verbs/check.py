"""Check a flow's graph without running anything."""

import click

from flagstone.cli.files import file_command
from flagstone.cli.output import note, say, say_json
from flagstone.dsl.flow import FlowSpec
from flagstone.dsl.reading import read_plan
from flagstone.dsl.remarks import remarks
from flagstone.kit.text import plural


def script_command(flow: type[FlowSpec]) -> click.Command:
    """`check` of one flow."""

    def start(*, warnings: bool, as_json: bool) -> None:
        plan = read_plan(flow)
        found = remarks(flow, plan) if warnings else []
        if as_json:
            names = [parameter.name for parameter in plan.parameters]
            steps = [step.name for step in plan.steps]
            say_json({"flow": plan.flow, "valid": True, "steps": steps, "parameters": names, "warnings": found})
            return
        for remark in found:
            note(remark)
        count = f"{plural(len(plan.steps), 'step')}, {plural(len(plan.parameters), 'parameter')}"
        say(f"{plan.flow} is right: {count}.")

    return click.Command(
        "check",
        callback=start,
        help=__doc__,
        params=[
            click.Option(["--warnings/--no-warnings"], default=False, help="Also say what is allowed but looks wrong."),
            click.Option(["--json", "as_json"], is_flag=True, help="The same as JSON."),
        ],
    )


command = file_command("check", script_command, __doc__)
