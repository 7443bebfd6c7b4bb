"""Decorators that may be written in several ways: how people write them, as records that are still to be tidied."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flagstone.model.attempts import Retry
from flagstone.model.declarations import Environment
from flagstone.model.flow_declarations import ExitHook, Trigger, TriggerOnFinish
from flagstone.model.secrets import Secrets

Hook = Callable[..., Any] | str
Event = str | Mapping[str, Any] | Callable[..., Any]
Exceptions = type[BaseException] | str | Sequence[type[BaseException] | str]
OtherFlow = str | Mapping[str, Any] | Callable[..., Any]


def environment(*, vars: Mapping[str, str | int | float] = {}) -> Environment:  # noqa: A002 - shared name; unchanged
    """`@environment`."""
    given: Any = vars
    return Environment(vars=given)


def retry(*, times: int = 3, minutes_between_retries: float = 2, backoff: float = 1, on: Exceptions = ()) -> Retry:
    """`@retry`."""
    given: Any = on
    return Retry(times=times, minutes_between_retries=minutes_between_retries, backoff=backoff, on=given)


def secrets(
    *, sources: Sequence[str | Mapping[str, Any]] = (), role: str | None = None, allow_override: bool = False
) -> Secrets:
    """`@secrets`."""
    given: Any = sources
    return Secrets(sources=given, role=role, allow_override=allow_override)


def exit_hook(
    *, on_success: Sequence[Hook] = (), on_error: Sequence[Hook] = (), options: Mapping[str, Any] = {}
) -> ExitHook:
    """`@exit_hook`."""
    given: Any = {"on_success": on_success, "on_error": on_error, "options": options}
    return ExitHook(**given)


def trigger(*, event: Event | None = None, events: Sequence[Event] = (), options: Mapping[str, Any] = {}) -> Trigger:
    """`@trigger`."""
    given: Any = {"event": event, "events": events, "options": options}
    return Trigger(**given)


def trigger_on_finish(
    *, flow: OtherFlow | None = None, flows: Sequence[OtherFlow] = (), options: Mapping[str, Any] = {}
) -> TriggerOnFinish:
    """`@trigger_on_finish`."""
    given: Any = {"flow": flow, "flows": flows, "options": options}
    return TriggerOnFinish(**given)
