"""How often a step is tried and for how long: new attempts after a failure, the time limit, and the last resort."""

import heapq
from collections.abc import Collection, Sequence

from msgspec import Struct

from flagstone.kit import clock, text
from flagstone.model.attempts import Catch, Retry, Timeout
from flagstone.model.jobs import Failure
from flagstone.model.plan import Plan

ENDED_BY_HAND = "flagstone.model.errors.StoppedByPerson"
LATE = 2.0  # seconds after its limit until an attempt is killed that could not be interrupted from within


class Rules(Struct, frozen=True):
    """What a step declares about its attempts."""

    retry: Retry | None
    catch: Catch | None
    timeout: Timeout | None


class Trying:
    """The attempts of one run that have a time limit, or that will be made again."""

    def __init__(self, plan: Plan, *, pauses: bool = True) -> None:
        self._rules = {
            step.name: Rules(step.declared(Retry), step.declared(Catch), step.declared(Timeout)) for step in plan.steps
        }
        self._pausing = pauses  # whether a new attempt waits for as long as its step says
        self._limits: dict[int, tuple[float, float]] = {}  # when an attempt must be over, and what its limit is
        self._caught: dict[int, Failure] = {}
        self._pauses: dict[int, float] = {}
        self._due: list[tuple[float, tuple[int, ...]]] = []

    # --- time limits -----------------------------------------------------------------------------------------

    def begun(self, number: int, step: str) -> None:
        """An attempt's process began."""
        timeout = self._rules[step].timeout
        if timeout is not None:
            self._limits[number] = (clock.monotonic() + timeout.limit + LATE, timeout.limit)

    def extend(self, number: int, seconds: float) -> None:
        """An attempt stood still for so long, waiting for a person."""
        limit = self._limits.get(number)
        if limit is not None:
            self._limits[number] = (limit[0] + seconds, limit[1])

    def overdue(self, standing_still: Collection[int] = ()) -> list[tuple[int, Failure]]:
        """The attempts whose time is up and that are still there, each named once; not those that stand still."""
        if not self._limits:
            return []
        now = clock.monotonic()
        late = [
            (number, seconds)
            for number, (at, seconds) in self._limits.items()
            if now >= at and number not in standing_still
        ]
        for number, _ in late:
            del self._limits[number]
        return [(number, timed_out(seconds)) for number, seconds in late]

    # --- new attempts ----------------------------------------------------------------------------------------

    def ended(self, number: int) -> None:
        """An attempt is over, however."""
        self._limits.pop(number, None)

    def again(self, number: int, step: str, attempt: int, failure: Failure, *, vanished: bool) -> bool:
        """Whether a task whose attempt ended badly is tried again; remembers when, and what is to be caught then.

        An attempt that `vanished` could not catch its own end: the next one does nothing but that.
        """
        if number in self._caught or ENDED_BY_HAND in failure.kinds:
            return False
        rules = self._rules[step]
        pause = rules.retry.pause(attempt, failure.kinds) if rules.retry is not None else None
        if pause is None and vanished and rules.catch is not None:
            self._caught[number] = failure
            pause = 0.0
        if pause is None:
            return False
        self._pauses[number] = pause if self._pausing else 0.0
        return True

    def put_aside(self, numbers: Sequence[int]) -> float:
        """These tasks wait together for their next attempt; returns for how many seconds."""
        pause = max((self._pauses.pop(number, 0.0) for number in numbers), default=0.0)
        heapq.heappush(self._due, (clock.monotonic() + pause, tuple(numbers)))
        return pause

    def due(self) -> list[tuple[int, ...]]:
        """The tasks whose time has come."""
        found = []
        while self._due and self._due[0][0] <= clock.monotonic():
            found.append(heapq.heappop(self._due)[1])
        return found

    def caught(self, number: int) -> Failure | None:
        """What the next attempt at a task has to catch instead of running the step."""
        return self._caught.get(number)


def timed_out(seconds: float) -> Failure:
    """The failure of an attempt that took too long and did not say so itself."""
    return Failure(
        "flagstone.TimeoutException",
        f"the step took longer than its limit of {text.duration(seconds)} and could not be interrupted, so its process"
        " was ended",
        "",
        hint="give it more time with @timeout, or let it do less",
        kinds=("flagstone.dsl.caught.TimeoutException", "builtins.TimeoutError", "builtins.Exception"),
    )
