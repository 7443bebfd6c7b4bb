"""Print the version."""

import click

from flagstone import __version__
from flagstone.cli.output import say


@click.command(help=__doc__)
def command() -> None:
    """Print the version."""
    say(f"flagstone {__version__}")
