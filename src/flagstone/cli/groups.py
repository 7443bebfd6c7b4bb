"""Verbs that have verbs of their own."""

import click
from click.shell_completion import CompletionItem


class DefaultGroup(click.Group):
    """A verb with verbs of its own, the first of which is meant when none is named."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the first verb before words that name none."""
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = [next(iter(self.commands)), *args]
        return super().parse_args(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Offer the verbs, and what could follow the first of them."""
        offered = super().shell_complete(ctx, incomplete)
        name, first = next(iter(self.commands.items()))
        with first.make_context(name, [], parent=ctx, resilient_parsing=True) as inner:
            if incomplete.startswith("-"):
                return [*offered, *first.shell_complete(inner, incomplete)]
            arguments = [parameter for parameter in first.params if isinstance(parameter, click.Argument)]
            return [*offered, *(arguments[0].shell_complete(inner, incomplete) if arguments else [])]
