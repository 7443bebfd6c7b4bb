"""Options that a flow has for what its decorators say: `--branch`, `--production`, `--trigger`."""

from collections.abc import Mapping
from typing import Any

import click

from flagstone.dsl.flow import FlowSpec

NAMES = ("branch", "production", "triggers")


def flow_options(flow: type[FlowSpec]) -> list[click.Parameter]:
    """Those of a flow, before the verb and after `run` and `resume`."""
    shape = flow.__flagstone__
    taken = {parameter.name for parameter in shape.parameters.values()}
    options: list[click.Parameter] = []
    if shape.says("project"):
        options += [
            click.Option(["--branch"], help="The branch of the project: test.BRANCH, or prod.BRANCH in production."),
            click.Option(["--production"], is_flag=True, default=None, help="Run in the project's production branch."),
        ]
    if shape.says("trigger_on_finish"):
        words = "A finished run that is to have started this one; again for more."
        options.append(
            click.Option(
                ["--trigger", "triggers"], multiple=True, metavar="FLOW/RUN", envvar="FLAGSTONE_TRIGGER", help=words
            )
        )
    return [option for option in options if option.opts[0].removeprefix("--") not in taken]


def part(given: dict[str, Any]) -> dict[str, Any]:
    """Take them out of what was given."""
    return {name: given.pop(name) for name in NAMES if name in given}


def chosen(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """What was given after the verb, and else before it."""
    return {name: after.get(name) or before.get(name) for name in NAMES if after.get(name) or before.get(name)}
