"""Options that several verbs share."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from flagstone.cli.door import Door
from flagstone.cli.flow_options import chosen, part
from flagstone.cli.heavy import heavy
from flagstone.cli.output import note

F = TypeVar("F", bound=Callable[..., Any])
ISOLATIONS = ("fork", "worker", "spawn", "inline")


def quiet_option() -> click.Option:
    """`--quiet`."""
    return click.Option(["--quiet/--not-quiet", "-q"], default=False, help="Say nothing but the final error.")


def with_option(variable: str | None = None) -> click.Option:
    """`--with resources:cpu=2`; also out of an environment variable, where spaces separate them."""
    return click.Option(
        ["--with", "with_"],
        multiple=True,
        metavar="DECORATOR",
        envvar=variable,
        help="Put a decorator on every step that does not have it, as in resources:cpu=2.",
    )


def isolation_option() -> click.Option:
    """`--isolation`."""
    return click.Option(
        ["--isolation"],
        type=click.Choice(ISOLATIONS),
        help="How a task gets its process: fork (one each), worker (one runs many), spawn (a fresh interpreter"
        " each), inline (none: for debuggers).  [default: fork]",
    )


def runner_option() -> click.Option:
    """`--runner-folder`: where a program that started this command asks, and is answered (`cli.driven`)."""
    return click.Option(["--runner-folder"], type=click.Path(file_okay=False), hidden=True)


def run_options() -> list[click.Parameter]:
    """What `run` and `resume` take besides the flow's parameters."""
    return [
        click.Option(["--tag", "tags"], multiple=True, help="A tag for the run; give it again for more."),
        click.Option(
            ["--max-workers"], type=click.IntRange(min=1), help="How many tasks run at once.  [default: the cores]"
        ),
        click.Option(
            ["--max-num-splits"],
            type=click.IntRange(min=1),
            default=100_000,
            show_default=True,
            help="A guard: the most elements that a foreach may have.",
        ),
        click.Option(["--namespace"], help="The namespace that tasks read from.  [default: user:<your name>]"),
        click.Option(["--run-id-file"], type=click.Path(dir_okay=False), help="Write the run's number to this file."),
        click.Option(["--runner-attribute-file"], type=click.Path(dir_okay=False), hidden=True),
        click.Option(["--max-log-size"], type=int, hidden=True),
        isolation_option(),
        click.Option(["--keep-going"], is_flag=True, help="After a failure, finish what does not depend on it."),
        click.Option(["--pdb", "post_mortem"], is_flag=True, help="Stop at a prompt in a task that fails."),
        with_option("FLAGSTONE_WITH"),
        runner_option(),
        click.Option(["--json", "as_json"], is_flag=True, help="Events as JSON lines on stdout, nothing else there."),
        quiet_option(),
    ]


def json_option() -> Callable[[F], F]:
    """`--json` of a verb that lists."""
    return click.option("--json", "as_json", is_flag=True, help="The same as JSON.")


def stream_options(words: str) -> Callable[[F], F]:
    """`--stdout`, `--stderr` and `--both`; `words` explain the first two."""

    def decorate(function: F) -> F:
        both = click.option("--both", is_flag=True, help="Both, which is also what happens without these three.")
        stderr = click.option("--stderr", is_flag=True, help=words.format("stderr"))
        stdout = click.option("--stdout", is_flag=True, help=words.format("stdout"))
        return stdout(stderr(both(function)))

    return decorate


def chosen_streams(given: dict[str, Any]) -> list[str]:
    """The streams that were asked for by `stream_options`."""
    streams = ["stdout", "stderr"]
    return streams if given["both"] else [stream for stream in streams if given[stream]] or streams


def split_options(door: Door, given: dict[str, Any]) -> dict[str, Any]:
    """The fields of RunOptions out of what was given to `run_options`."""
    fields = {name: given[name] for name in given if name in heavy("run_options").__struct_fields__}
    fields |= chosen(dict(door.flow_options), part(fields))
    fields["tags"] = tuple(fields["tags"])
    if fields["namespace"] is None:
        fields["namespace"] = door.namespace
    fields["stream_output"] = not (given["quiet"] or door.quiet)
    if given["max_log_size"] is not None and fields["stream_output"]:
        note("--max-log-size is accepted and has no effect: what tasks print is kept whole")
    return fields
