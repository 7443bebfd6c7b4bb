"""Explain a verb, or list them."""

import click

from flagstone.cli.output import say


@click.command(help=__doc__)
@click.argument("verb", required=False)
@click.pass_context
def command(context: click.Context, verb: str | None) -> None:
    """Explain a verb, or list them."""
    outer = context.parent or context
    group = outer.command
    if verb is None or not isinstance(group, click.Group):
        say(outer.get_help())
        return
    name, found, _ = group.resolve_command(outer, [verb])
    if found is not None:
        with click.Context(found, info_name=name, parent=outer) as inner:
            say(found.get_help(inner))
