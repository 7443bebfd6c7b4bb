"""Print a flow's steps as data, as `show --json` does."""

import click

from flagstone.cli.files import file_command
from flagstone.cli.output import say, say_json
from flagstone.dsl.flow import FlowSpec
from flagstone.dsl.reading import read_plan
from flagstone.model import drawing


def script_command(flow: type[FlowSpec]) -> click.Command:
    """`output-raw` of one flow."""

    def start(*, as_json: bool) -> None:
        data = drawing.data(read_plan(flow))
        if as_json:
            say_json(data)
            return
        for name, step in data["steps"].items():
            facts = {key: value for key, value in step.items() if value not in (None, [], "") and key != "name"}
            say(f"{name}: {facts}")

    option = click.Option(["--json", "as_json"], is_flag=True, help="The same as JSON.")
    return click.Command("output-raw", callback=start, help=__doc__, params=[option])


command = file_command("output-raw", script_command, __doc__)
