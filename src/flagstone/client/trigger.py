"""`Trigger`: what set a run off: the events, and the runs whose end they announced."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

TAG = "trigger:"  # the system tag of a run that the end of another one set off: `trigger:Flow/7`


class MetaflowEvent(NamedTuple):
    """One event that set a run off."""

    name: str  # of the flow whose run ended, or of the event
    id: str
    timestamp: datetime
    type: str  # "run": the end of a run; "event": anything else


class Trigger:
    """The events that set a run off, the newest first; found by their names."""

    def __init__(self, events: Sequence[MetaflowEvent], runs: Sequence[Any] = ()) -> None:
        self._events = sorted(events, key=lambda event: event.timestamp, reverse=True)
        self._runs = list(runs)

    @property
    def events(self) -> list[MetaflowEvent]:
        """All of them."""
        return list(self._events)

    @property
    def event(self) -> MetaflowEvent | None:
        """The newest one."""
        return self._events[0] if self._events else None

    @property
    def runs(self) -> list[Any] | None:
        """The runs whose end set this one off; None when it was no run."""
        return list(self._runs) or None

    @property
    def run(self) -> Any:
        """The first of `runs`; None when it was no run."""
        return self._runs[0] if self._runs else None

    def __getitem__(self, name: str) -> MetaflowEvent | Any:
        for run in self._runs:
            if name in (run.pathspec, run.pathspec.partition("/")[0]):
                return run
        for event in self._events:
            if event.name == name:
                return event
        raise KeyError(f"no event called {name!r} set this run off")

    def __contains__(self, name: object) -> bool:
        return any(name == event.name for event in self._events) or any(name == run.pathspec for run in self._runs)

    def __iter__(self) -> Iterator[MetaflowEvent]:
        return iter(self._events)

    def __repr__(self) -> str:
        return f"Trigger({', '.join(event.name for event in self._events)})"
