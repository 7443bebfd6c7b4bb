"""Shows nothing of a run, except the final words when it does not succeed."""

from flagstone.engine.observers import ending
from flagstone.engine.observers.sink import Sink
from flagstone.engine.observers.tally import Tally
from flagstone.model.events import AnyEvent, RunEnded
from flagstone.model.states import State


class Quiet:
    """The observer for `--quiet`, and the one that speaks on stderr beside `--json`."""

    def __init__(self, errors: Sink, *, again: str = "") -> None:
        self._tally = Tally()
        self._errors = errors
        self._again = again

    def on(self, event: AnyEvent) -> None:
        """Count, and speak up at a bad end."""
        self._tally.on(event)
        if isinstance(event, RunEnded) and event.state is not State.SUCCEEDED:
            self._errors.text(ending.trouble(self._tally, self._again))
            self._errors.flush()

    def tick(self) -> None:
        """Nothing to do."""

    def close(self) -> None:
        """Hand over what waits."""
        self._errors.flush()
