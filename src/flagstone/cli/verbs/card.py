"""Make, view and list the cards of tasks, once a later version has cards."""

from typing import Any, NoReturn

import click

from flagstone.cli.completing import completed
from flagstone.model.errors import NotHere

HELP = f"""{__doc__}

@card may stand above a step already; until cards are made, each of these verbs says so and ends with an error.
"""


@click.group(help=HELP)
def command() -> None:
    """Make, view and list the cards of tasks."""


def _later(verb: str, what: str) -> NoReturn:
    hint = "`flagstone show PATHSPEC` shows a task's artifacts, `flagstone logs PATHSPEC` what it printed"
    raise NotHere(what=f"card {verb}", problem=f"would {what}, and cards come with a later version", hint=hint)


PATHSPEC = click.Argument(["pathspec"], shell_complete=completed(4))
WHICH: list[click.Parameter] = [
    click.Option(["--hash"], help="Which card: the beginning of its digest."),
    click.Option(["--type"], help="Which card: its type."),
    click.Option(["--id"], help="Which card: its id, as @card gives it."),
    click.Option(
        ["--follow-resumed/--no-follow-resumed"],
        default=True,
        show_default=True,
        help="Of a task that was taken over, the card of the task that it stands for.",
    ),
]


def _declare(name: str, sentence: str, what: str, *parameters: click.Parameter) -> None:
    """A verb with its options."""

    def start(**given: Any) -> NoReturn:
        _later(name, what)

    json = click.Option(["--json", "as_json"], is_flag=True, help="The same as JSON.")
    command.add_command(click.Command(name, callback=start, help=sentence, params=[*parameters, json]))


_declare(
    "create",
    "Make a card of a task that is over.",
    "make a card of the task",
    PATHSPEC,
    click.Option(["--type"], default="default", show_default=True, help="Which type of card."),
    click.Option(["--id"], help="Its id, where a task has several."),
    click.Option(["--options"], metavar="JSON", help="Options of the type."),
    click.Option(["--timeout"], type=int, help="How many seconds it may take."),
)
_declare("view", "Open a card in the browser.", "open the task's card", PATHSPEC, *WHICH)
_declare(
    "get",
    "Write the HTML of a card to stdout, or to FILE.",
    "write the task's card",
    PATHSPEC,
    click.Argument(["file"], required=False, type=click.Path(dir_okay=False)),
    *WHICH,
)
_declare(
    "list",
    "List the cards of a task, a step or a run.",
    "list the cards",
    click.Argument(["pathspec"], required=False, shell_complete=completed(4)),
    *WHICH,
    click.Option(["--as-json"], is_flag=True, help="The same as --json."),
    click.Option(["--file"], type=click.Path(dir_okay=False), help="Write the list to this file."),
)
_declare(
    "server",
    "Serve the cards of a run in the browser, as they are made.",
    "serve the cards of a run",
    click.Option(["--run-id"], help="The run.  [default: the newest one]"),
    click.Option(["--port"], type=int, default=8324, show_default=True, help="The port to listen at."),
    click.Option(["--namespace"], help="Only runs that are in this namespace."),
    click.Option(["--poll-interval"], type=int, default=5, show_default=True, help="Seconds between two looks."),
    click.Option(["--max-cards"], type=int, default=30, show_default=True, help="At most so many."),
)
