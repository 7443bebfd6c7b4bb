"""Explain a verb, or list them."""

from typing import Any

import click

from flagstone.cli.options import json_option
from flagstone.cli.output import say, say_json


@click.command(help=__doc__)
@click.argument("verb", required=False)
@json_option()
@click.pass_context
def command(context: click.Context, verb: str | None, as_json: bool) -> None:
    """Explain a verb, or list them."""
    outer = context.parent or context
    group = outer.command
    if verb is None or not isinstance(group, click.Group):
        if as_json:
            say_json({"verbs": _sentences(group, outer) if isinstance(group, click.Group) else {}})
        else:
            say(outer.get_help())
        return
    name, found, _ = group.resolve_command(outer, [verb])
    if found is not None:
        with click.Context(found, info_name=name, parent=outer) as inner:
            if as_json:
                say_json(_facts(found, inner))
            else:
                say(found.get_help(inner))


def _sentences(group: click.Group, context: click.Context) -> dict[str, str]:
    """Each verb with the first line of its help."""
    verbs = {name: group.get_command(context, name) for name in group.list_commands(context)}
    return {name: (verb.help or "").partition("\n")[0] for name, verb in verbs.items() if verb is not None}


def _facts(verb: click.Command, context: click.Context) -> dict[str, Any]:
    """What one can write after a verb."""
    known = [parameter.to_info_dict() for parameter in verb.get_params(context)]
    kept = ("name", "param_type_name", "opts", "secondary_opts", "required", "multiple", "nargs", "help")
    return {
        "verb": context.info_name,
        "help": verb.help,
        "parameters": [{key: one[key] for key in kept if key in one} for one in known],
        "verbs": sorted(verb.commands) if isinstance(verb, click.Group) else [],
    }
