"""Shows one step on its own: what it prints as it is, and why it failed."""

from flagstone.engine.observers import ending
from flagstone.engine.observers.sink import Sink
from flagstone.engine.observers.tally import Tally
from flagstone.model.events import AnyEvent, Notice, PromptClosed, PromptOpened, RunEnded, TaskOutput
from flagstone.model.states import State


class SpinConsole:
    """The observer of `spin`: no times, no names, since there is one task only. With `quiet`, failures alone."""

    def __init__(self, out: Sink, errors: Sink, *, quiet: bool = False) -> None:
        self._tally = Tally()
        self._out = out
        self._errors = errors
        self._quiet = quiet

    def on(self, event: AnyEvent) -> None:
        """Show an event."""
        self._tally.on(event)
        match event:
            case TaskOutput():
                self._output(event)
            case Notice():
                if not self._quiet:
                    self._errors.text(f"{event.text}\n")
            case PromptOpened():
                self._out.hold()
            case PromptClosed():
                self._out.release()
            case RunEnded():
                self._ended(event)

    def tick(self) -> None:
        """Hand over what waits."""
        self._out.flush()
        self._errors.flush()

    def close(self) -> None:
        """Hand over what waits."""
        self.tick()

    def _output(self, event: TaskOutput) -> None:
        if self._quiet:
            return
        sink = self._out if event.stream == "stdout" else self._errors
        sink.raw(event.data)

    def _ended(self, event: RunEnded) -> None:
        self._out.flush()
        if event.state is State.SUCCEEDED:
            return
        for failure in self._tally.failures[:1]:
            self._errors.text(f"{ending.failure(self._tally, failure)}\n")
        if not self._tally.failures:
            self._errors.text(f"{self._tally.run} {event.state}. {event.reason}".rstrip(" .") + ".\n")
        self._errors.flush()
