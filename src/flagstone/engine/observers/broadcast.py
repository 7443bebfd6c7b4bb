"""Shows every event to every observer, in their order."""

from collections.abc import Sequence
from contextlib import ExitStack

from flagstone.model.events import AnyEvent
from flagstone.ports.observer import Observer


class Broadcast:
    """All observers of a run as one."""

    def __init__(self, observers: Sequence[Observer]) -> None:
        self._observers = observers

    def __call__(self, event: AnyEvent) -> None:
        """Show an event."""
        for observer in self._observers:
            observer.on(event)

    def tick(self) -> None:
        """Time has passed."""
        for observer in self._observers:
            observer.tick()

    def close(self) -> None:
        """The run is over; every observer hears it, whatever another one raises."""
        with ExitStack() as stack:
            for observer in reversed(self._observers):
                stack.callback(observer.close)
