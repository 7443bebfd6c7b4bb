"""Verbs that are found by their file names, explained by their first lines, and imported when they are called."""

import pkgutil
from importlib import import_module
from typing import Any

import click

from flagstone.cli import verbs
from flagstone.dsl.flow import FlowSpec

_DEPLOYS = "it hands a flow over to an orchestrator, and this version deploys to none"
_REMOTE = "it is about tasks on other machines, and here tasks run on this one"
ELSEWHERE = {  # words that people know from Metaflow
    "argo-workflows": _DEPLOYS,
    "step-functions": _DEPLOYS,
    "airflow": _DEPLOYS,
    "batch": _REMOTE,
    "kubernetes": _REMOTE,
    "status": "`flagstone runs` lists what ran",
    "configure": "settings are read from flagstone.toml and FLAGSTONE_* variables",
    "tutorials": "they are pages of the documentation",
    "code": "runs on this machine use the files where they are; `package` tells which",
}


def sentences() -> dict[str, str]:
    """Each verb with the first line of its file, without importing any."""
    found = {}
    for module in pkgutil.iter_modules(verbs.__path__):
        name = f"{verbs.__name__}.{module.name}"
        spec = module.module_finder.find_spec(name, None)
        source = getattr(spec.loader, "get_source", None) if spec is not None else None
        text = (source(name) if source is not None else None) or ""
        found[_spelled(module.name)] = text.partition("\n")[0].strip().strip('"')
    return found


def _spelled(module: str) -> str:
    """A verb as it is typed: `output-dot` lies in output_dot.py."""
    return module.replace("_", "-")


class VerbGroup(click.Group):
    """A command whose verbs are the files of `flagstone.cli.verbs`; `flow` gives them the flow of a script."""

    def __init__(self, *args: Any, flow: type[FlowSpec] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.flow = flow

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The verbs, in order."""
        return sorted(_spelled(module.name) for module in pkgutil.iter_modules(verbs.__path__))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one verb; None when there is no such file."""
        if cmd_name not in self.list_commands(ctx):
            return None
        module = import_module(f"{verbs.__name__}.{cmd_name.replace('-', '_')}")
        if self.flow is not None and hasattr(module, "script_command"):
            command: click.Command = module.script_command(self.flow)
        else:
            command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The verbs with their sentences."""
        with formatter.section("Verbs"):
            formatter.write_dl(list(sentences().items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The verb that was asked for; an unknown one is refused with the one that was probably meant."""
        name = args[0]
        if not name.startswith("-") and self.get_command(ctx, name) is None:
            from difflib import get_close_matches

            close = get_close_matches(name, self.list_commands(ctx))
            if name in ELSEWHERE:
                raise click.UsageError(f"There is no verb {name!r} here: {ELSEWHERE[name]}.", ctx)
            guess = f" Did you mean {close[0]}?" if close else f" There are {', '.join(self.list_commands(ctx))}."
            raise click.UsageError(f"No such verb {name[:40]!r}.{guess}", ctx)
        return super().resolve_command(ctx, args)
