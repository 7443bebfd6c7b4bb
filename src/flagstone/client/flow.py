"""`Flow`: all runs of one flow, and finding some of them."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any, Self, TypedDict, Unpack

from flagstone.client import display
from flagstone.client.base import Container, datetime_of
from flagstone.client.run import Run
from flagstone.client.run_data import RunData, require_flow
from flagstone.client.scope import Scope, current_scope
from flagstone.kit.plain import json_text
from flagstone.model.errors import InvalidSetting
from flagstone.model.ids import RunId, parse
from flagstone.model.records import SPUN, RunQuery, RunRecord
from flagstone.model.states import State

_STATES = (State.RUNNING, State.SUCCEEDED, State.FAILED, State.CANCELLED, State.LOST)


class Conditions(TypedDict, total=False):
    """What `Flow.runs` looks for; every condition that is given must hold."""

    status: str | Iterable[str]  # one of them: "running", "succeeded", "failed", "cancelled", "lost"
    tags: Iterable[str]  # all of them
    parameters: Mapping[str, Any]  # the values of parameters by name
    user: str
    created_after: datetime | date | float | str  # also seconds since the epoch, or text such as "2030-01-31 12:00"
    created_before: datetime | date | float | str
    limit: int  # the newest so many


class Flow(Container[Run]):
    """`Flow("TrainFlow")`; iterates its runs in the namespace, the newest first."""

    kind = "flow"
    holds = "run"

    def __init__(self, pathspec: str) -> None:
        name = parse(pathspec, least=1, most=1).flow
        scope = current_scope()
        require_flow(scope, name)
        self._set(scope, name)

    @classmethod
    def of(cls, scope: Scope, name: str) -> Self:
        """The flow `name` of a scope, which is known to be there."""
        made = cls.__new__(cls)
        made._set(scope, name)
        return made

    def _set(self, scope: Scope, name: str) -> None:
        super().__init__(scope)
        self._name = name

    @property
    def pathspec(self) -> str:
        """The flow's name."""
        return self._name

    @property
    def parent(self) -> Any:
        """The Metaflow object that holds all flows."""
        return self._made("root", self._scope)

    def is_in_namespace(self) -> bool:
        """Whether the namespace in force now shows a run of it."""
        namespace = current_scope().namespace
        query = RunQuery(flow=self._name, namespace=namespace, limit=1)
        return bool(self._scope.workspace.metadata.runs(query))

    @property
    def created_at(self) -> datetime | None:
        """When its first run began."""
        first = self._scope.workspace.metadata.run(RunId(self._name, 1))
        return datetime_of(first.created if first else None)

    # --- runs ---------------------------------------------------------------------------------------------------

    def _select(self, **conditions: Any) -> list[RunRecord]:
        query = RunQuery(flow=self._name, namespace=self._scope.namespace, **conditions)
        return self._scope.workspace.metadata.runs(query)

    def _run(self, record: RunRecord) -> Run:
        return Run.of(RunData(self._scope, record))

    def __iter__(self) -> Iterator[Run]:
        return map(self._run, self._select())

    def runs(self, *with_tags: str, **conditions: Unpack[Conditions]) -> Iterator[Run]:
        """The runs that have all these tags and meet all `conditions`, the newest first, by one indexed query.

        `flow.runs("good", status="failed", parameters={"alpha": 3}, created_after=yesterday, limit=10)`. Raises
        InvalidSetting for a condition or a status that does not exist.
        """
        unknown = sorted(set(conditions) - set(Conditions.__annotations__))
        if unknown:
            raise _wrong(unknown[0], conditions.get(unknown[0]), f"say {', '.join(Conditions.__annotations__)}")
        wanted = conditions.get("tags", ())
        found = self._select(
            states=_states(conditions.get("status", ())),
            tags=(*with_tags, *([wanted] if isinstance(wanted, str) else wanted)),
            parameters={name: json_text(value) for name, value in conditions.get("parameters", {}).items()},
            user=conditions.get("user"),
            created_after=_seconds("created_after", conditions.get("created_after")),
            created_before=_seconds("created_before", conditions.get("created_before")),
            limit=_count("limit", conditions.get("limit")),
        )
        return map(self._run, found)

    def _latest(self, **conditions: Any) -> Run | None:
        found = self._select(limit=1, without=(SPUN,), **conditions)
        return self._run(found[0]) if found else None

    @property
    def latest_run(self) -> Run | None:
        """The newest run in the namespace."""
        return self._latest()

    @property
    def latest_successful_run(self) -> Run | None:
        """The newest run in the namespace that succeeded; None when none did."""
        return self._latest(states=(State.SUCCEEDED,))

    @property
    def failed_runs(self) -> Iterator[Run]:
        """The runs in the namespace that failed or were lost, the newest first."""
        return map(self._run, self._select(states=(State.FAILED, State.LOST)))

    def _find(self, key: str) -> Run | None:
        if not (key.isascii() and key.isdigit() and len(key) < 19):
            return None
        record = self._scope.workspace.metadata.run(RunId(self._name, int(key)))
        return self._run(record) if record is not None and self._scope.shows(record) else None

    # --- looks --------------------------------------------------------------------------------------------------

    def _facts(self) -> list[str]:
        latest = self.latest_run
        return [] if latest is None else [f"latest run: {latest.id} {latest.status}"]

    def _repr_html_(self) -> str:
        shown = self._select(limit=display.ROWS)
        rows = [
            [str(run.id.number), run.state.value, display.ago(run.created), run.user, ", ".join(run.tags)]
            for run in shown
        ]
        listing = display.table(("run", "status", "began", "user", "tags"), rows)
        return display.paragraph(f"Flow({self._name!r})", self._facts(), listing)


def _states(status: str | Iterable[str]) -> tuple[State, ...]:
    names = [status] if isinstance(status, str) else list(status)
    for name in names:
        if name not in _STATES:
            raise _wrong("status", name, f"say one of {', '.join(_STATES)}")
    return tuple(State(name) for name in names)


def _seconds(condition: str, moment: object) -> float | None:
    """Seconds since the epoch; what names no time zone is local time. Raises InvalidSetting."""
    if moment is None or isinstance(moment, (int, float)):
        return moment
    try:
        if isinstance(moment, date) and not isinstance(moment, datetime):
            moment = moment.isoformat()
        if isinstance(moment, str):
            moment = datetime.fromisoformat(moment)
        if isinstance(moment, datetime):
            return moment.timestamp()
    except (ValueError, OverflowError):
        pass
    raise _wrong(condition, moment, "say a datetime, seconds since the epoch, or a text such as '2030-01-31 12:00'")


def _count(condition: str, count: object) -> int | None:
    if count is None or (isinstance(count, int) and count >= 0):
        return count
    raise _wrong(condition, count, "say a whole number")


def _wrong(condition: str, value: object, problem: str) -> InvalidSetting:
    return InvalidSetting(setting=condition, value=value, problem=problem, source="Flow.runs")
