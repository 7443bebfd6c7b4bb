"""Open a prompt on a task as it failed or ended, or run its step again in a debugger."""

import click

from flagstone.cli.door import Door
from flagstone.cli.heavy import heavy
from flagstone.dsl.flow import FlowSpec

HELP = f"""{__doc__}

PATHSPEC names the task: Flow/7/train/12, or Flow/7/train for the first that failed, else the first; in a flow's own
script also 7/train or train. Without it, what failed in the newest run. At the prompt there are `self`, `inputs`,
`current` and the artifacts by their names; nothing that is done there is recorded.
"""


def options() -> list[click.Parameter]:
    """How the task is looked at."""
    return [
        click.Argument(["pathspec"], required=False),
        click.Option(["--pdb", "again"], is_flag=True, help="Run the step again, as `spin`, and stop where it fails."),
        click.Option(
            ["--break", "breaks"], multiple=True, metavar="FILE:LINE", help="Run the step again and stop at this line."
        ),
        click.Option(
            ["--notebook"],
            type=click.Path(dir_okay=False),
            metavar="FILE",
            help="Write a notebook with the task's artifacts and the step's code.",
        ),
        click.Option(["--plain"], is_flag=True, help="Python's own prompt, also where IPython is installed."),
        click.Option(["--json", "as_json"], is_flag=True, help="What there would be at the prompt, as JSON."),
    ]


@click.pass_obj
def start(
    door: Door,
    /,
    *,
    pathspec: str | None,
    again: bool,
    breaks: tuple[str, ...],
    notebook: str | None,
    plain: bool,
    as_json: bool,
) -> object:
    """Look at a task."""
    if notebook is not None and (again or breaks):
        raise click.UsageError("--notebook writes a file and runs nothing: give it without --pdb and --break.")
    if notebook is not None:
        return heavy("debug_notebook")(door, pathspec, notebook)
    if again or breaks:
        return heavy("debug_again")(door, pathspec, breaks)
    return heavy("debug_prompt")(door, pathspec, plain=plain, as_json=as_json)


command = click.Command("debug", callback=start, help=HELP, params=options())


def script_command(_flow: type[FlowSpec]) -> click.Command:
    """`debug` of one flow."""
    return command
