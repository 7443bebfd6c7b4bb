"""Run one step again, as the code is now, against the inputs of a past task."""

from typing import Any

import click

from flagstone.cli.door import Door
from flagstone.cli.files import file_command
from flagstone.cli.heavy import heavy
from flagstone.cli.options import isolation_option, quiet_option, runner_option
from flagstone.dsl.flow import FlowSpec

HELP = f"""{__doc__}

PATHSPEC names the task: STEP (of the newest run that has one), RUN/STEP, RUN/STEP/TASK or the full Flow/RUN/STEP/TASK.
Of a step with several tasks it is the first that failed, else the first. What the step leaves is kept apart from runs;
`inspect_spin()` lets the client read it.
"""


def script_command(flow: type[FlowSpec]) -> click.Command:
    """`spin` of one flow."""

    @click.pass_context
    def start(context: click.Context, /, **given: Any) -> int:
        door: Door = context.obj
        if given["runner_folder"]:
            driven: int = heavy("driven")(given.pop("runner_folder"), lambda driver: begin(door, given, driver))
            return driven
        return begin(door, given, None)

    def begin(door: Door, given: dict[str, Any], driver: Any) -> int:
        for text in door.with_decorators:
            heavy("attach")(flow, text)
        names = heavy("spin_options").__struct_fields__
        fields = {name: given[name] for name in names if name in given}
        fields["tags"] = tuple(fields["tags"])
        if fields["namespace"] is None:
            fields["namespace"] = door.namespace
        status: int = heavy("spin")(
            flow,
            heavy("spin_options")(**fields),
            quiet=given["quiet"] or door.quiet,
            as_json=given["as_json"],
            debug=door.call("debug"),
            driver=driver,
        )
        return status

    return click.Command(
        "spin",
        callback=start,
        help=HELP,
        params=[
            click.Argument(["pathspec"]),
            click.Option(
                ["--artifacts-module"],
                type=click.Path(dir_okay=False),
                metavar="FILE",
                help="A Python file whose dict ARTIFACTS replaces inherited artifacts and parameters.",
            ),
            click.Option(["--skip-decorators/--no-skip-decorators"], default=False, help="Leave all decorators out."),
            click.Option(
                ["--persist/--no-persist"],
                default=False,
                help="Record it in the home as a run of the flow, tagged spin; no run is resumed from it.",
            ),
            click.Option(["--tag", "tags"], multiple=True, help="A tag for it; give it again for more."),
            click.Option(["--namespace"], help="The namespace that the task reads from.  [default: user:<your name>]"),
            isolation_option(),
            click.Option(["--pdb", "post_mortem"], is_flag=True, help="Stop at a prompt when the step fails."),
            click.Option(["--max-log-size"], type=int, hidden=True, help="Accepted; the output is kept whole."),
            click.Option(["--json", "as_json"], is_flag=True, help="Events as JSON lines, then what it left."),
            runner_option(),
            quiet_option(),
        ],
    )


command = file_command("spin", script_command, __doc__)
