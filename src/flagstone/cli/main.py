"""The `flagstone` command: everything that is not tied to one flow's script."""

import os
import sys
from collections.abc import Sequence

import click

from flagstone import __version__
from flagstone.cli import compat
from flagstone.cli.door import Door
from flagstone.cli.lazy import VerbGroup
from flagstone.cli.output import guard, leave

COMPLETION = "_FLAGSTONE_COMPLETE"  # set by the shell when it asks what can come next

HELP = """Flagstone: write a flow, run it, read it back.

A pathspec names what is recorded: Flow, Flow/7, Flow/7/train, Flow/7/train/12, Flow/7/train/12/model; `latest` is the
newest run, as in Flow/latest.
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command with the arguments of this process, and leave with its exit status."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    leave(guard(lambda: call(words)))


def call(words: list[str]) -> object:
    """Parse the words and do what they say. Raises click's exceptions and FlagstoneError."""
    compat.activate(None, quiet=True)
    group = command()
    if COMPLETION in os.environ:
        group.main(words, prog_name="flagstone", complete_var=COMPLETION)
    with group.make_context("flagstone", words, obj=Door(program="flagstone")) as context:
        return group.invoke(context)


def command() -> click.Group:
    """The command with all its verbs."""
    group = VerbGroup(
        "flagstone", help=HELP, no_args_is_help=True, context_settings={"help_option_names": ["-h", "--help"]}
    )
    decorate = click.version_option(__version__, prog_name="flagstone", message="%(prog)s %(version)s")
    decorated: click.Group = decorate(group)
    return decorated
