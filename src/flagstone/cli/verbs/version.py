"""Print the version."""

import platform

import click

from flagstone import __version__
from flagstone.cli.options import json_option
from flagstone.cli.output import say, say_json


@click.command(help=__doc__)
@json_option()
def command(*, as_json: bool) -> None:
    """Print the version."""
    if as_json:
        say_json({"flagstone": __version__, "python": platform.python_version()})
    else:
        say(f"flagstone {__version__}")
