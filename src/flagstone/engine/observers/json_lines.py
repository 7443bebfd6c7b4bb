"""Shows a run to machines: one JSON object an event and a line."""

from typing import Any

import msgspec
from msgspec import Struct

from flagstone.engine.observers.sink import Sink
from flagstone.model.artifacts import Split
from flagstone.model.events import AnyEvent, PromptOpened, RunEnded, RunStarted, TaskOutput
from flagstone.model.ids import RunId

_encode = msgspec.json.Encoder().encode


class JsonLines:
    """The observer for `--json`. Bytes (manifests, samples of logs) are left out; output is text.

    Every object has `event`, `time` (seconds since the epoch) and `run`; an event about a task also has its `task`,
    a pathspec.
    """

    def __init__(self, out: Sink) -> None:
        self._out = out
        self._run: RunId | None = None

    def on(self, event: AnyEvent) -> None:
        """Write an event."""
        if isinstance(event, RunStarted):
            self._run = event.run
        self._out.raw(_encode(as_facts(event, self._run)) + b"\n")
        if isinstance(event, RunStarted | RunEnded | PromptOpened):
            self._out.flush()

    def tick(self) -> None:
        """Hand over what waits."""
        self._out.flush()

    def close(self) -> None:
        """Hand over what waits."""
        self._out.flush()


def as_facts(event: AnyEvent, run: RunId | None) -> dict[str, Any]:
    """An event as an object of JSON's types."""
    facts: dict[str, Any] = {"event": type(event).__name__, "time": event.time, "run": str(run) if run else None}
    number = getattr(event, "number", None)
    if number is not None:
        facts["task"] = f"{run}/{getattr(event, 'step', '')}/{number}"
    if isinstance(event, TaskOutput):
        return facts | {"stream": event.stream, "data": event.data.decode("utf-8", "replace")}
    for name in event.__struct_fields__:
        value = getattr(event, name)
        if name not in facts and not isinstance(value, bytes):
            facts[name] = _plain(value)
    return facts


def _plain(value: Any) -> Any:
    """Records by the names of their fields, without bytes; run ids as pathspecs."""
    if isinstance(value, RunId):
        return str(value)
    if isinstance(value, Split):
        return {"variable": value.variable, "count": value.count}
    if isinstance(value, Struct):
        fields = ((name, getattr(value, name)) for name in value.__struct_fields__)
        return {name: _plain(field) for name, field in fields if not isinstance(field, bytes)}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value
