"""`current.trigger`: the runs that a run is to have been started by."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from flagstone.kit import late


class TriggerEvent(NamedTuple):
    """One thing that started a run."""

    name: str
    id: str
    type: str


class TriggeredBy:
    """What started a run: `.run` is the finished run, `.runs` all of them, `["Flow"]` the one of a flow."""

    def __init__(self, pathspecs: tuple[str, ...]) -> None:
        self._pathspecs = pathspecs

    @property
    def events(self) -> list[TriggerEvent]:
        """One for each run."""
        return [TriggerEvent(name.partition("/")[0], name, "run") for name in self._pathspecs]

    @property
    def event(self) -> TriggerEvent:
        """The first of them."""
        return self.events[0]

    @property
    def runs(self) -> list[Any]:
        """The runs."""
        return [late.resolve("client_run")(name) for name in self._pathspecs]

    @property
    def run(self) -> Any:
        """The first of them."""
        return late.resolve("client_run")(self._pathspecs[0])

    def __getitem__(self, flow: str) -> Any:
        for name in self._pathspecs:
            if flow in (name, name.partition("/")[0]):
                return late.resolve("client_run")(name)
        raise KeyError(f"no run of {flow} started this one; there are: {', '.join(self._pathspecs)}")

    def __iter__(self) -> Iterator[TriggerEvent]:
        return iter(self.events)

    def __len__(self) -> int:
        return len(self._pathspecs)

    def __repr__(self) -> str:
        return f"<triggered by {', '.join(self._pathspecs)}>"
