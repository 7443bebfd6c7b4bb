"""The arguments that a shell completes: pathspecs of what is recorded."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from flagstone.cli.heavy import heavy

F = TypeVar("F", bound=Callable[..., Any])
Complete = Callable[[click.Context, click.Parameter, str], list[Any]]


def pathspec_argument(*, required: bool = True, most: int = 5) -> Callable[[F], F]:
    """The argument PATHSPEC, of at most `most` parts."""
    return click.argument("pathspec", required=required, shell_complete=completed(most))


def completed(most: int) -> Complete:
    """What completes a pathspec of at most `most` parts."""

    def complete(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[Any]:
        found: list[Any] = heavy("suggest")(incomplete, most)
        return found

    return complete
