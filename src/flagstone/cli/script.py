"""What `python flow.py` does: `MyFlow()` at the bottom of a file starts this."""

import os
import sys
from typing import Any, NoReturn

import click

from flagstone.cli.door import Door
from flagstone.cli.flow_command import Pairs, config_options, offer_configs
from flagstone.cli.flow_options import flow_options, part
from flagstone.cli.heavy import heavy
from flagstone.cli.lazy import VerbGroup
from flagstone.cli.options import quiet_option, with_option
from flagstone.cli.output import guard, leave, note, say
from flagstone.dsl.flow import FlowSpec
from flagstone.kit.text import plural

IGNORED = {
    "metadata": "facts are recorded in the home (FLAGSTONE_HOME)",
    "datastore": "artifacts are kept in the home (FLAGSTONE_HOME)",
    "datastore_root": "artifacts are kept in the home (FLAGSTONE_HOME)",
    "environment": "tasks run in the environment that runs the flow",
    "force_rebuild_environments": "tasks run in the environment that runs the flow",
    "pylint": "the graph is always checked, and by Flagstone itself",
    "event_logger": "use `run --json` for events",
    "monitor": "use `run --json` for events",
    "mode": "what a verb does is said by the verb",
}
FLAGS = {"force_rebuild_environments"}

NEXT = {
    "run": "run it (run --help shows its parameters)",
    "show": "show its steps",
    "resume": "carry on with a run that did not succeed",
    "--help": "everything else",
}


def script(flow: type[FlowSpec]) -> NoReturn:
    """Start the command line of a flow's script, and leave with its exit status."""
    leave(guard(lambda: call(flow, sys.argv[1:])))


def call(flow: type[FlowSpec], words: list[str]) -> object:
    """Parse the words and do what they say. Raises click's exceptions and FlagstoneError."""
    program = f"python {_shortest(sys.argv[0])}" if sys.argv[0].endswith(".py") else "python -m ..."
    group = script_group(flow)
    with group.make_context(program, words, obj=Door(program=program, flow=flow)) as context:
        return group.invoke(context)


def _shortest(path: str) -> str:
    try:
        return os.path.relpath(path)
    except FileNotFoundError:  # the folder that one stands in was removed
        return path


def script_group(flow: type[FlowSpec]) -> VerbGroup:
    """The command of one flow, with all verbs."""
    return VerbGroup(
        flow.__name__,
        flow=flow,
        help=flow.__doc__ or f"The flow {flow.__name__}.",
        callback=_start,
        invoke_without_command=True,
        context_settings={"help_option_names": ["-h", "--help"]},
        params=[
            quiet_option(),
            with_option(),
            click.Option(["--namespace"], help="Whose runs are seen: `user:ann`, or empty for everybody's."),
            click.Option(["--pylint/--no-pylint"], default=None, hidden=True),
            *config_options(),
            *flow_options(flow),
            click.Option(["--package-suffixes"], help="Which files are code of the flow, for `package`: .py,.sql"),
            *map(_ignored, [name for name in IGNORED if name != "pylint"]),
        ],
    )


def _ignored(name: str) -> click.Option:
    """An option that scripts of Metaflow may be called with and that means nothing here."""
    is_flag = name in FLAGS
    return click.Option([f"--{name.replace('_', '-')}"], hidden=True, is_flag=is_flag, default=None)


@click.pass_context
def _start(
    context: click.Context,
    /,
    *,
    quiet: bool,
    with_: tuple[str, ...],
    namespace: str | None,
    package_suffixes: str | None,
    config_files: Pairs,
    config_values: Pairs,
    **ignored: Any,
) -> None:
    """Note what was said before the verb; without a verb, say how the flow is."""
    door: Door = context.obj
    context.obj = door._replace(
        quiet=quiet,
        namespace=namespace,
        with_decorators=with_,
        package_suffixes=package_suffixes,
        config_files=config_files,
        config_values=config_values,
        flow_options=tuple(part(ignored).items()),
    )
    offer_configs(context.obj)
    for name, why in IGNORED.items():
        if ignored.get(name) is not None and not quiet:
            note(f"--{name.replace('_', '-')} is accepted and has no effect: {why}")
    if context.invoked_subcommand is None and door.flow is not None:
        _status(door, door.flow)


def _status(door: Door, flow: type[FlowSpec]) -> None:
    plan = heavy("read_plan")(flow)
    steps, parameters = plural(len(plan.steps), "step"), plural(len(plan.parameters), "parameter")
    say(f"{plan.flow}: {steps}, {parameters}. The graph is right.")
    say()
    for verb, why in NEXT.items():
        say(f"  {door.call(verb):<{len(door.call(max(NEXT, key=len)))}}  {why}")
