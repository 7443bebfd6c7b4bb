"""Print the script that lets a shell complete verbs, options and pathspecs."""

import click
from click.shell_completion import get_completion_class

from flagstone.cli.output import say

VARIABLE = "_FLAGSTONE_COMPLETE"

HELP = f"""{__doc__}

\b
bash:  echo 'eval "$(flagstone completion bash)"' >> ~/.bashrc
zsh:   echo 'eval "$(flagstone completion zsh)"' >> ~/.zshrc
fish:  flagstone completion fish > ~/.config/fish/completions/flagstone.fish

Then `flagstone show <TAB>` offers the flows that have run, and so on down to the artifacts of a task.
"""


@click.command(help=HELP)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(context: click.Context, shell: str) -> None:
    """Print the script."""
    kind = get_completion_class(shell)
    if kind is not None:
        script = kind(context.find_root().command, {}, "flagstone", VARIABLE)
        say((script.source_template % script.source_vars()).strip())
