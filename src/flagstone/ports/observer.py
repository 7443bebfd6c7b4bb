"""Who watches a run: console, recorder, live page, alerts, tests."""

from typing import Protocol

from flagstone.model.events import AnyEvent


class Observer(Protocol):
    """Sees every event of a run, in order."""

    def on(self, event: AnyEvent) -> None:
        """Called by the engine's loop: must be quick."""

    def tick(self) -> None:
        """Called about ten times a second, and whenever the loop is about to wait."""

    def close(self) -> None:
        """The run is over; called once, after the last event."""
