"""A verb of one flow whose options are the flow's parameters: they are known when its configs are."""

from collections.abc import Callable, Sequence
from typing import Any, NoReturn

import click

from flagstone.cli.door import Door
from flagstone.cli.heavy import heavy
from flagstone.dsl.flow import FlowSpec
from flagstone.dsl.mutating import pre_mutate

CONFIG, CONFIG_VALUE = "config_files", "config_values"
VALUE = "--config-value"

Pairs = tuple[tuple[str, str], ...]


def config_options() -> list[click.Parameter]:
    """`--config NAME FILE` and `--config-value NAME JSON`."""
    return [
        click.Option(
            ["--config", CONFIG], type=(str, str), multiple=True, metavar="NAME FILE", help="Read a config from a file."
        ),
        click.Option(
            [VALUE, CONFIG_VALUE],
            type=(str, str),
            multiple=True,
            metavar="NAME JSON",
            help="Give a config its value.",
        ),
    ]


def offer_configs(door: Door) -> None:
    """Tell the flow what was given for its configs before the verb; they are read when something needs them."""
    flow = door.flow
    if flow is not None and (flow.__flagstone__.delays or door.config_files or door.config_values):
        heavy("offer_configs")(flow, door.config_files, door.config_values)


class FlowCommand(click.Command):
    """Its options are made once the configs are read: before the words after the verb are understood.

    Those words may hold `--config` and `--config-value` too: `flagstone run flow.py --config train big.json`.
    """

    def __init__(
        self, name: str, *, flow: type[FlowSpec], options: Callable[[], Sequence[click.Parameter]], **more: Any
    ) -> None:
        super().__init__(name, **more)
        self.flow = flow
        self._options = options
        self._made = False

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """The flow's parameters as options, and what else the verb takes."""
        if not self._made:
            self._made = True
            pre_mutate(self.flow)
            self.params = [*self._options(), *(config_options() if self._takes_configs() else ())]
        return super().get_params(ctx)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take what is given for configs, then the words."""
        files, values = (option_pairs(args, name) if self._takes_configs() else () for name in ("--config", VALUE))
        self.configure(args, ctx.obj, files, values)
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """What was given for configs is settled by now."""
        for name in (CONFIG, CONFIG_VALUE):
            ctx.params.pop(name, None)
        return super().invoke(ctx)

    def configure(self, args: Sequence[str], door: Door, files: Pairs, values: Pairs) -> None:
        """Take the configs that are given after the verb too."""
        if files or values:
            heavy("offer_configs")(self.flow, (*door.config_files, *files), (*door.config_values, *values))

    def _takes_configs(self) -> bool:
        """Whether `--config` may follow the verb: a flow that has configs, and no parameter of that name."""
        shape = self.flow.__flagstone__
        taken = {parameter.name for parameter in shape.parameters.values()}
        return bool(shape.configs) and not taken & {"config", "config-value"}


class ResumeCommand(FlowCommand):
    """The same for a run that goes on: its configs are those of its origin."""

    def configure(self, args: Sequence[str], door: Door, files: Pairs, values: Pairs) -> None:
        """Take the configs of the run that is resumed, which cannot be replaced."""
        if files or values or door.config_files or door.config_values:
            refuse()
        if self.flow.__flagstone__.delays and not {"-h", "--help"}.intersection(args):
            heavy("settle_as_origin")(self.flow, heavy("settings")(), option_value(args, "--origin-run-id"))

    def _takes_configs(self) -> bool:
        return bool(self.flow.__flagstone__.configs)


def refuse() -> NoReturn:
    """Say why a config cannot be given here. Raises UsageError."""
    raise click.UsageError(
        "A resumed run has the configs of its origin: --config and --config-value belong to `run`."
        " Start a new run with other ones, or change a parameter instead."
    )


def option_pairs(args: Sequence[str], option: str) -> Pairs:
    """The values of an option that takes two, wherever it stands."""
    places = [place for place, word in enumerate(args) if word == option]
    return tuple((args[place + 1], args[place + 2]) for place in places if place + 2 < len(args))


def option_value(args: Sequence[str], option: str) -> str | None:
    """The last value of an option that takes one."""
    found = None
    for place, word in enumerate(args):
        if word == option and place + 1 < len(args):
            found = args[place + 1]
        elif word.startswith(f"{option}="):
            found = word.partition("=")[2]
    return found
