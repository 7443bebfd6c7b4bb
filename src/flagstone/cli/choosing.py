"""Which runs a verb is about: options that filter runs, and runs that are named one by one."""

import re
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

from flagstone.app.workspace import Workspace
from flagstone.cli.door import Door
from flagstone.cli.finding import find_run, parse
from flagstone.cli.moments import moment
from flagstone.model import ids
from flagstone.model.errors import NamespaceMismatch
from flagstone.model.records import RunQuery, RunRecord
from flagstone.model.states import State

F = TypeVar("F", bound=Callable[..., Any])

STATES = ("running", "succeeded", "failed", "cancelled", "lost")

_RUN = re.compile(r"[^\W\d]\w*/(?:[1-9]\d*|latest)\Z")
_FILTERS = ("status", "with_tags", "user", "since", "until")


def filter_options(tag_option: str = "--tag") -> Callable[[F], F]:
    """`--status`, `--tag`, `--user`, `--since` and `--until`; the tag's option may have another name."""
    options = (
        click.option("--status", type=click.Choice(STATES), multiple=True, help="Only runs in this state."),
        click.option(
            tag_option,
            "with_tags",
            multiple=True,
            help="Only runs with this tag; give it again for runs with all of them.",
        ),
        click.option("--user", help="Only this person's runs."),
        click.option(
            "--since",
            type=moment,
            metavar="WHEN",
            help="Only runs that began after this: 2030-01-31, or 7d for a week ago.",
        ),
        click.option("--until", type=moment, metavar="WHEN", help="Only runs that began before this."),
    )

    def decorate(function: F) -> F:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


def query_of(flow: str | None, given: dict[str, Any], *, limit: int | None = None) -> RunQuery:
    """The question that `filter_options` ask."""
    return RunQuery(
        flow=flow,
        states=tuple(State(state) for state in given["status"]),
        tags=given["with_tags"],
        user=given["user"],
        created_after=given["since"],
        created_before=given["until"],
        namespace=given.get("namespace") or None,
        limit=limit,
    )


def is_filtered(given: dict[str, Any]) -> bool:
    """Whether any of `filter_options` was given."""
    return any(given[name] for name in _FILTERS)


def named_apart(words: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The words at the beginning that name runs, such as `Flow/7`, and the others."""
    count = next((place for place, word in enumerate(words) if not _RUN.match(word)), len(words))
    return tuple(words[:count]), tuple(words[count:])


def runs_named(workspace: Workspace, names: Sequence[str], door: Door, namespace: str | None) -> list[RunRecord]:
    """The runs with these pathspecs, each once. Raises NotFound, InvalidPathspec, NamespaceMismatch."""
    found: dict[ids.RunId, RunRecord] = {}
    for name in names:
        run = find_run(workspace, parse(name, door, least=2, most=2))
        if namespace and namespace != run.namespace and namespace not in (*run.tags, *run.system_tags):
            hint = f"leave --namespace out, or say --namespace {run.namespace}"
            raise NamespaceMismatch(what=str(run.id), namespace=namespace, owner=run.namespace, hint=hint)
        found[run.id] = run
    return list(found.values())
