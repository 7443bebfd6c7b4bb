"""What decorators of flows say, as frozen records."""

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Self

from msgspec import Struct, field

from flagstone.model.declaring import Declaration
from flagstone.model.remote import CondaBase, PypiBase

NAME = re.compile(r"[a-z0-9_]+")
LONGEST = 128  # characters of a project's name, and of a branch


class Project(Declaration, frozen=True, kw_only=True):
    """The project that a flow belongs to: its runs are tagged with it, and apart by branch.

    `name` has small letters, digits and _. The branch is `user.<you>`; with `branch="b"` it is `test.b`, with
    `production=True` `prod`, with both `prod.b`. The options `--branch` and `--production` say the same for one run.
    """

    name: str
    branch: str | None = None
    production: bool = False

    def check(self) -> None:
        """The name and the branch are made of what they may be made of. Raises InvalidDeclaration."""
        if not NAME.fullmatch(self.name) or len(self.name) > LONGEST:
            self.refuse(
                f"name={self.name!r}",
                f"a project's name is made of small letters, digits and _, {LONGEST} of them at most",
            )
        if self.branch is not None and (wrong := wrong_branch(self.branch)):
            self.refuse(f"branch={self.branch!r}", wrong)


def wrong_branch(branch: str) -> str:
    """Why a text cannot be a branch; empty when it can."""
    if re.fullmatch(r"[a-z0-9_.-]+", branch) and len(branch) <= LONGEST:
        return ""
    return f"a branch is made of small letters, digits, _, - and ., {LONGEST} of them at most"


class ExitHook(Declaration, frozen=True, kw_only=True):
    """Functions that are called when a run has ended: those of `on_success` or those of `on_error`, in their order.

    Each is a function or a dotted name of one, and may take `run`, which is then the `Run`. They run in a process of
    their own on the machine that started the run, for a resume too. What they print is shown and kept; one that fails
    is told, and changes nothing about the run. `options` are for engines that run hooks elsewhere.
    """

    several: ClassVar[bool] = True

    on_success: tuple[str, ...] = ()
    on_error: tuple[str, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)

    def tidied(self) -> Self:
        """Functions by their names. Raises InvalidDeclaration."""
        named = {name: self._names(name, getattr(self, name)) for name in ("on_success", "on_error")}
        return type(self)(options=self.options, **named)

    def _names(self, which: str, given: object) -> tuple[str, ...]:
        if isinstance(given, str) or callable(given) or not isinstance(given, Sequence):
            self.refuse(f"{which}={given!r}", "a list of functions is expected", "write it in brackets")
        for one in given:
            if callable(one) and "<" in getattr(one, "__qualname__", "<"):
                self.refuse(
                    f"{which}=[{one!r}]", "a hook is found by its name", "define it with def, outside of others"
                )
            if not callable(one) and not (isinstance(one, str) and re.fullmatch(r"\w+(\.\w+)*[.:]\w+(\.\w+)*", one)):
                self.refuse(
                    f"{which}=[{one!r}]", "a function, or a dotted name as in 'package.module.function', is expected"
                )
        return tuple(one if isinstance(one, str) else f"{one.__module__}:{one.__qualname__}" for one in given)

    def check(self) -> None:
        """There is something to call. Raises InvalidDeclaration."""
        if not self.on_success and not self.on_error:
            self.refuse("", "neither on_success nor on_error names a function")


def _name_of(function: Callable[..., Any]) -> str:
    return str(getattr(function, "__qualname__", repr(function)))


class Schedule(Declaration, frozen=True, kw_only=True):
    """When a deployed flow starts by itself: every day, hour or week, or as `cron` says. Recorded only."""

    engine: ClassVar[str] = "nothing starts this flow by itself on this machine"

    cron: str | None = None
    weekly: bool = False
    hourly: bool = False
    daily: bool = True
    timezone: str | None = None

    def check(self) -> None:
        """A cron line has five or six fields. Raises InvalidDeclaration."""
        if self.cron is not None and len(self.cron.split()) not in (5, 6):
            self.refuse(f"cron={self.cron!r}", "five or six fields with spaces between them are expected")


class EventOf(Struct, frozen=True):
    """An event that starts a flow, and which of its fields become which parameters."""

    name: str
    parameters: dict[str, str] = field(default_factory=dict)


class Trigger(Declaration, frozen=True, kw_only=True):
    """The events that start a deployed flow. Recorded only; `current.trigger` is None in a run started by hand.

    An event is a name, a dictionary `{"name": ..., "parameters": {parameter: field}}`, or a function that gives one of
    them when the flow is deployed. `events` takes several, all of which must have come.
    """

    engine: ClassVar[str] = "nothing starts this flow by itself on this machine"

    event: EventOf | None = None
    events: tuple[EventOf, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)

    def tidied(self) -> Self:
        """Each event in one form. Raises InvalidDeclaration."""
        several = listed(self, "events", self.events)
        return type(self)(
            event=None if self.event is None else self._event("event", self.event),
            events=tuple(self._event("events", one) for one in several),
            options=self.options,
        )

    def _event(self, which: str, given: object) -> EventOf:
        if isinstance(given, EventOf):
            return given
        if callable(given):
            return EventOf(f"{_name_of(given)}()")
        if isinstance(given, str) and given.strip():
            return EventOf(given)
        if not isinstance(given, Mapping) or set(given) - {"name", "parameters"} or "name" not in given:
            self.refuse(f"{which}={given!r}", "an event is a name, or a dictionary with name and parameters")
        name = given["name"]
        if not callable(name) and not (isinstance(name, str) and name.strip()):
            self.refuse(f"{which}={given!r}", "the name of an event is a text")
        return EventOf(f"{_name_of(name)}()" if callable(name) else name, self._fields(which, given.get("parameters")))

    def _fields(self, which: str, given: object) -> dict[str, str]:
        """`{parameter: field}`, out of a dictionary, or a list of names or of pairs."""
        if given is None:
            return {}
        if callable(given):
            return {f"{_name_of(given)}()": ""}
        pairs = list(given.items()) if isinstance(given, Mapping) else given
        if isinstance(pairs, str) or not isinstance(pairs, Sequence):
            self.refuse(f"{which}=...", "parameters are a dictionary {parameter: field}, or a list of names or pairs")
        found: dict[str, str] = field(default_factory=dict)
        for pair in pairs:
            one = (pair, pair) if isinstance(pair, str) else tuple(pair) if isinstance(pair, Sequence) else ()
            if len(one) != 2 or not all(isinstance(part, str) for part in one):
                self.refuse(f"{which}=...", f"{pair!r} is not a parameter's name, or a pair of it and a field")
            if one[0] in found:
                self.refuse(f"{which}=...", f"the parameter {one[0]!r} is given twice")
            found[one[0]] = one[1]
        return found

    def check(self) -> None:
        """There is an event, and each only once. Raises InvalidDeclaration."""
        check_one_or_several(self, "event", self.event, [event.name for event in self.events])


class FlowOf(Struct, frozen=True):
    """A flow whose end starts another one: in the same project and branch unless it says which."""

    name: str
    project: str | None = None
    project_branch: str | None = None


class TriggerOnFinish(Declaration, frozen=True, kw_only=True):
    """The flows whose successful end starts this deployed flow. Recorded only, but `--trigger Flow/run` plays it.

    A flow is a name (in the same project and branch), `project.branch.Flow`, a dictionary with `name`, `project` and
    `project_branch`, or a function that gives one of them. `flows` takes several, all of which must have ended.
    """

    engine: ClassVar[str] = "nothing starts this flow by itself on this machine; `--trigger Flow/run` plays it"

    flow: FlowOf | None = None
    flows: tuple[FlowOf, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)

    def tidied(self) -> Self:
        """Each flow in one form. Raises InvalidDeclaration."""
        several = listed(self, "flows", self.flows)
        return type(self)(
            flow=None if self.flow is None else self._flow("flow", self.flow),
            flows=tuple(self._flow("flows", one) for one in several),
            options=self.options,
        )

    def _flow(self, which: str, given: object) -> FlowOf:
        if isinstance(given, FlowOf):
            return given
        if callable(given):
            return FlowOf(f"{_name_of(given)}()")
        if isinstance(given, str) and given.strip():
            parts = given.split(".")
            if len(parts) == 1:
                return FlowOf(given)
            if len(parts) > 2:
                return FlowOf(parts[-1], parts[0], ".".join(parts[1:-1]))
            self.refuse(f"{which}={given!r}", "a flow is a name, or project.branch.Flow")
        known = {"name", "project", "project_branch"}
        if not isinstance(given, Mapping) or set(given) - known or not isinstance(given.get("name"), str):
            self.refuse(f"{which}={given!r}", "a flow is a name, or a dictionary with name, project and project_branch")
        return FlowOf(given["name"], given.get("project"), given.get("project_branch"))

    def check(self) -> None:
        """There is a flow, and each only once. Raises InvalidDeclaration."""
        check_one_or_several(self, "flow", self.flow, [str(flow) for flow in self.flows])

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the flows."""
        return tuple(flow.name for flow in (*((self.flow,) if self.flow else ()), *self.flows))


def listed(declaration: Declaration, which: str, given: object) -> Sequence[Any]:
    """A list of something. Raises InvalidDeclaration for a single one."""
    if given is None:
        return ()
    if isinstance(given, str | Mapping) or not isinstance(given, Sequence):
        declaration.refuse(f"{which}={given!r}", "a list is expected", "write it in brackets")
    return given


def check_one_or_several(declaration: Declaration, name: str, one: object, several: list[str]) -> None:
    """Exactly one of `event` and `events` (or the like) is given, and no name twice. Raises InvalidDeclaration."""
    if one is None and not several:
        declaration.refuse("", f"{name}= or {name}s= is expected")
    if one is not None and several:
        declaration.refuse(f"{name}=..., {name}s=...", "one of them is expected, not both")
    twice = sorted({name for name in several if several.count(name) > 1})
    if twice:
        declaration.refuse(f"{name}s=...", f"{twice[0]} is given twice")


class Sensor(Declaration, frozen=True, kw_only=True):
    """Base of what Airflow waits for before it starts a deployed flow."""

    several: ClassVar[bool] = True
    engine: ClassVar[str] = "nothing is waited for on this machine"

    timeout: int = 3600
    poke_interval: int = 60
    mode: str = "poke"
    exponential_backoff: bool = True
    pool: str | None = None
    soft_fail: bool = False
    name: str | None = None
    description: str | None = None

    def check(self) -> None:
        """The mode is one that Airflow knows. Raises InvalidDeclaration."""
        if self.mode not in ("poke", "reschedule"):
            self.refuse(f"mode={self.mode!r}", "'poke' or 'reschedule' is expected")


class AirflowExternalTaskSensor(Sensor, frozen=True, kw_only=True):
    """Another Airflow pipeline, or tasks of it, that a deployed flow waits for. Recorded only."""

    external_dag_id: str
    external_task_ids: list[str] | None = None
    allowed_states: list[str] = field(default_factory=lambda: ["success"])
    failed_states: list[str] | None = None
    execution_delta: dt.timedelta | None = None
    check_existence: bool = True


class AirflowS3KeySensor(Sensor, frozen=True, kw_only=True):
    """Keys in S3 that a deployed flow waits for. Recorded only."""

    bucket_key: str | list[str]
    bucket_name: str | None = None
    wildcard_match: bool = False
    aws_conn_id: str | None = None
    verify: bool | str | None = None


AnyFlowDeclaration = (
    Project
    | ExitHook
    | Schedule
    | Trigger
    | TriggerOnFinish
    | CondaBase
    | PypiBase
    | AirflowExternalTaskSensor
    | AirflowS3KeySensor
)
