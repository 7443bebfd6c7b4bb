"""Verbs of `flagstone` that take a flow's file: load it, then do what its script would do."""

import os
from collections.abc import Callable

import click

from flagstone.cli import compat
from flagstone.cli.door import Door
from flagstone.cli.flow_command import Pairs, config_options, offer_configs
from flagstone.dsl.flow import FlowSpec
from flagstone.dsl.loading import load_flow


def file_command(
    verb: str, script_command: Callable[[type[FlowSpec]], click.Command], sentence: str | None
) -> click.Command:
    """`flagstone VERB FILE ...`: what follows the file goes to the verb of the flow's own script."""

    @click.pass_context
    def start(
        context: click.Context,
        file: str,
        rest: tuple[str, ...],
        compat_: str | None,
        config_files: Pairs,
        config_values: Pairs,
    ) -> object:
        path, name = _split(file)
        door: Door = context.obj
        after, words = compat.split(rest)
        compat.activate(after if after is not None else compat_, quiet=door.quiet or bool({"-q", "--quiet"} & {*words}))
        flow = load_flow(path, name)
        command = script_command(flow)
        own = Door(
            program=door.program,
            flow=flow,
            suffix=file,
            quiet=door.quiet,
            config_files=config_files,
            config_values=config_values,
        )
        offer_configs(own)
        with command.make_context(f"flagstone {verb} {file}", words, obj=own) as inner:
            return command.invoke(inner)

    return click.Command(
        verb,
        callback=start,
        help=f"{sentence}\n\nFILE is the flow's Python file; FILE:MyFlow names one of several flows in it."
        f" `flagstone {verb} FILE --help` shows the flow's own options.",
        params=[
            click.Option(
                [compat.OPTION, "compat_"],
                metavar="SYSTEM",
                help="Let the file say another system's names: metaflow. Also after FILE, and as FLAGSTONE_COMPAT.",
            ),
            *config_options(),
            click.Argument(["file"], type=click.Path()),
            click.Argument(["rest"], nargs=-1, type=click.UNPROCESSED, metavar="[OPTIONS]..."),
        ],
        context_settings={"allow_interspersed_args": False},
    )


def _split(file: str) -> tuple[str, str | None]:
    """`flow.py:MyFlow` is a file and a flow in it, unless there is a file of that very name."""
    path, colon, name = file.rpartition(":")
    if colon and name.isidentifier() and not os.path.exists(file):
        return path, name
    return file, None
