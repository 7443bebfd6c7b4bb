"""Attempts that were asked to end: why, and when those that do not are killed."""

from collections.abc import Iterable

from flagstone.kit import clock
from flagstone.model.jobs import Failure
from flagstone.model.states import State
from flagstone.ports.compute import Compute

GRACE = 5.0  # seconds between SIGTERM and SIGKILL


class Stopping:
    """Asks attempts to end, and makes them when their time is up."""

    def __init__(self, compute: Compute) -> None:
        self._compute = compute
        self._kill_at: dict[int, float] = {}
        self._verdicts: dict[int, tuple[State, Failure]] = {}

    def ask(self, numbers: Iterable[int], verdict: tuple[State, Failure] | None = None) -> None:
        """Ask the attempts at these tasks to end; `verdict` is what is recorded of those that had not ended before."""
        at = clock.monotonic() + GRACE
        for number in numbers:
            if verdict is not None:
                self._verdicts.setdefault(number, verdict)
            if self._kill_at.setdefault(number, at) == at:
                self._compute.cancel(number, kill=False)

    def kill(self, numbers: Iterable[int], verdict: tuple[State, Failure] | None = None) -> None:
        """End them at once."""
        for number in numbers:
            if verdict is not None:
                self._verdicts.setdefault(number, verdict)
            self._kill_at.pop(number, None)
            self._compute.cancel(number, kill=True)

    def tick(self) -> None:
        """Kill those that did not listen."""
        if self._kill_at:
            now = clock.monotonic()
            self.kill([number for number, at in self._kill_at.items() if now >= at])

    def ended(self, number: int) -> tuple[State, Failure] | None:
        """An attempt is over: what is to be recorded when it left without a report, if anybody stopped it."""
        self._kill_at.pop(number, None)
        return self._verdicts.pop(number, None)
