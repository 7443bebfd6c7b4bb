"""From a question to SQL: the conditions that a RunQuery or a TaskQuery comes to, and their values."""

from collections.abc import Iterable

from msgspec import Struct, field

from flagstone.metadata.database import Values
from flagstone.metadata.rules import parameter_key
from flagstone.model.records import RunQuery, TaskQuery
from flagstone.model.states import State

UNLIMITED = -1


class Selection(Struct):
    """Conditions that must all hold, and the values of their words."""

    conditions: list[str] = field(default_factory=list)
    values: dict[str, object] = field(default_factory=dict)

    def where(self, condition: str, **values: object) -> "Selection":
        """Add a condition."""
        self.conditions.append(condition)
        self.values.update(values)
        return self

    def plus(self, condition: str, **values: object) -> "Selection":
        """A copy with one condition more."""
        return Selection(list(self.conditions), dict(self.values)).where(condition, **values)

    def statement(self, head: str, tail: str = "") -> str:
        """The whole SELECT."""
        clause = f"WHERE {' AND '.join(self.conditions)}" if self.conditions else ""
        return f"{head} {clause} {tail}"


def page(limit: int | None, offset: int = 0) -> Values:
    """The values of a LIMIT and OFFSET clause."""
    return {"limit": UNLIMITED if limit is None else limit, "offset": offset}


def recorded(states: Iterable[State]) -> set[State]:
    """The states that may be recorded for what reads as one of `states`: what is lost is recorded as running."""
    wanted = set(states)
    return wanted | {State.RUNNING} if State.LOST in wanted else wanted


def one_of(sql: str, word: str, choices: Iterable[State | int]) -> str:
    """Put states or numbers, which are our own and need no quoting, in place of a word like `$STATES`."""
    return sql.replace(word, ", ".join(f"'{c}'" if isinstance(c, State) else str(int(c)) for c in choices))


def of_runs(query: RunQuery, queries: dict[str, str]) -> Selection:
    """The conditions of a RunQuery; those on states are about what is recorded."""
    selection = Selection()
    single = {
        "run_of_flow": ("flow", query.flow),
        "run_by_user": ("owner", query.user),
        "run_created_after": ("created_after", query.created_after),
        "run_created_before": ("created_before", query.created_before),
        "run_in_namespace": ("namespace", query.namespace),
    }
    for name, (word, value) in single.items():
        if value is not None:
            selection.where(queries[name], **{word: value})
    for place, tag in enumerate(query.tags):
        selection.where(queries["run_with_tag"].replace("$TAG", f":tag{place}"), **{f"tag{place}": tag})
    for place, tag in enumerate(query.without):
        selection.where(queries["run_without_tag"].replace("$TAG", f":without{place}"), **{f"without{place}": tag})
    for place, (name, text) in enumerate(query.parameters.items()):
        sql = queries["run_with_parameter"].replace("$NAME", f":name{place}").replace("$VALUE", f":value{place}")
        selection.where(sql, **{f"name{place}": name, f"value{place}": parameter_key(text)})
    if query.states:
        selection.where(one_of(queries["run_in_states"], "$STATES", sorted(recorded(query.states))))
    return selection


def of_tasks(query: TaskQuery, run: int, step: int | None, queries: dict[str, str]) -> Selection:
    """The conditions of a TaskQuery but for its numbers, in the run and the step with these row ids."""
    selection = Selection(values={"run": run})
    if query.newest_attempts:
        selection.where(queries["task_is_newest"])
    else:  # the indexes other than that of the numbers know newest attempts only
        selection.where(queries["task_of_run"])
    if query.attempt is not None:
        selection.where(queries["task_of_attempt"], attempt=query.attempt)
    if step is not None:
        selection.where(queries["task_of_step"], step=step)
    elif found_aside(query):
        selection.where(queries["task_of_any_step"])
    elif query.newest_attempts:
        selection.where(queries["task_of_run"])
    if query.path is not None:
        selection.where(queries["task_at_path"], path=path_text(query.path))
    if query.below:
        above = path_text(query.below)
        selection.where(queries["task_below_path"], above=above + ".", beyond=above + "/", deeper=f"{above}.%.%")
    elif query.below is not None:
        selection.where(queries["task_below_root"])
    if query.states:
        selection.where(one_of(queries["task_in_states"], "$STATES", sorted(query.states)))
        if State.SUCCEEDED not in query.states:
            selection.where(queries["task_in_trouble"])
    return selection


def found_aside(query: TaskQuery) -> bool:
    """Whether an index other than that of the numbers finds these tasks, a few among many.

    A database that is asked for them in the order of their numbers prefers to walk through all of them.
    """
    in_trouble = bool(query.states) and State.SUCCEEDED not in query.states
    return query.newest_attempts and (query.path is not None or bool(query.below) or in_trouble)


def path_text(path: tuple[int, ...]) -> str:
    """The recorded form of a path: `3.1`; empty outside a foreach."""
    return ".".join(map(str, path))


def path_of(text: str) -> tuple[int, ...]:
    """The inverse of `path_text`."""
    return tuple(map(int, text.split("."))) if text else ()
