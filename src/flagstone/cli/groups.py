"""Verbs that have verbs of their own."""

import click


class DefaultGroup(click.Group):
    """A verb with verbs of its own, the first of which is meant when none is named."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the first verb before words that name none."""
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = [next(iter(self.commands)), *args]
        return super().parse_args(ctx, args)
