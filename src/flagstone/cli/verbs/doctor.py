"""Look the home over: is it usable, and is everything that is recorded there and whole?"""

import click

from flagstone.app import settings
from flagstone.app.doctor import Finding, examine
from flagstone.cli.options import json_option
from flagstone.cli.output import printable, say, say_json

HELP = f"""{__doc__}

Nothing is changed and nothing is unpickled. The exit status is 1 when there is a problem.
"""


@click.command(help=HELP)
@json_option()
def command(*, as_json: bool) -> int:
    """Look the home over."""
    found: list[Finding] = []
    for finding in examine(settings.load()):
        found.append(finding)
        if not as_json:
            say(f"{finding.level:<8} {finding.check:<10} {printable(finding.text)}")
            if finding.hint:
                say(f"{'':<20}{printable(finding.hint)}")
    if as_json:
        say_json(found)
    return 1 if any(finding.level == "problem" for finding in found) else 0
