"""Counts what happens in a run, step by step: what displays show, and what the final words are made of."""

from collections.abc import Iterator

from msgspec import Struct, field

from flagstone.model.declarations import Parallel
from flagstone.model.events import AnyEvent, RunEnded, RunStarted, TaskEnded, TasksExpected, TaskStarted
from flagstone.model.ids import RunId
from flagstone.model.states import State

MANY = 50  # tasks of one step; more are summarised instead of being shown one by one
KEPT_FAILURES = 20


class StepTally(Struct):
    """The tasks of one step."""

    name: str
    expected: int = 0
    running: int = 0
    succeeded: int = 0
    cloned: int = 0
    failed: int = 0  # failed or lost
    cancelled: int = 0
    again: int = 0  # failed, and will be tried again
    first_started: float | None = None
    last_ended: float | None = None

    @property
    def many(self) -> bool:
        """Whether there are too many to show one by one."""
        return self.expected > MANY

    @property
    def over(self) -> int:
        """How many nothing more can happen to."""
        return self.succeeded + self.cloned + self.failed + self.cancelled

    @property
    def waiting(self) -> int:
        """How many did not start yet."""
        return max(0, self.expected - self.over - self.running - self.again)

    def rate(self, now: float) -> float:
        """Tasks a second since the first one started; 0 while that is unknown."""
        if self.first_started is None:
            return 0.0
        until = (
            self.last_ended if self.last_ended is not None and not (self.running or self.waiting or self.again) else now
        )
        seconds = until - self.first_started
        ran = self.over - self.cloned
        return ran / seconds if seconds > 0 and ran else 0.0

    def seconds_left(self, now: float) -> float | None:
        """An estimate of how long the rest takes; None while there is nothing to go by."""
        rate = self.rate(now)
        left = self.expected - self.over
        return left / rate if rate and left > 0 else None


class RunningTask(Struct, frozen=True):
    """A task that is under way."""

    step: str
    number: int
    path: tuple[int, ...]
    started: float


class Tally(Struct):
    """A run so far."""

    run: RunId | None = None
    started: float = 0.0
    ended: float = 0.0
    origin: RunId | None = None
    steps: dict[str, StepTally] = field(default_factory=dict)
    running: dict[int, RunningTask] = field(default_factory=dict)
    failures: list[TaskEnded] = field(default_factory=list)  # the first ones; `failed` counts them all
    aside: dict[int, TaskEnded] = field(default_factory=dict)  # the first ones that will be tried again
    gangs: frozenset[str] = frozenset()  # the steps whose tasks run, fail and begin again together
    ended_in_gangs: dict[int, str] = field(default_factory=dict)  # which count each task of them is in
    outcome: State | None = None
    reason: str = ""

    def on(self, event: AnyEvent) -> None:
        """Count an event."""
        match event:
            case RunStarted():
                self.run, self.started, self.origin = event.run, event.time, event.origin
                self.steps = {step.name: StepTally(step.name) for step in event.plan.steps}
                self.gangs = frozenset(step.name for step in event.plan.steps if step.declared(Parallel))
            case TasksExpected():
                self.step(event.step).expected += event.count
            case TaskStarted():
                self._task_started(event)
            case TaskEnded():
                self._task_ended(event)
            case RunEnded():
                self.ended, self.outcome, self.reason = event.time, event.state, event.reason
                self._not_again()
            case _:
                pass

    def step(self, name: str) -> StepTally:
        """The tally of one step."""
        return self.steps.setdefault(name, StepTally(name))

    def active(self) -> Iterator[StepTally]:
        """The steps of which something is known, in the order of the plan."""
        return (step for step in self.steps.values() if step.expected or step.over or step.running)

    @property
    def failed(self) -> int:
        """How many tasks failed or were lost."""
        return sum(step.failed for step in self.steps.values())

    @property
    def succeeded(self) -> int:
        """How many tasks ran and succeeded."""
        return sum(step.succeeded for step in self.steps.values())

    @property
    def cloned(self) -> int:
        """How many tasks were taken over from another run."""
        return sum(step.cloned for step in self.steps.values())

    def _task_started(self, event: TaskStarted) -> None:
        step = self.step(event.step)
        step.running += 1
        if event.attempt:
            self._begins_again(event.number, step)
        if step.first_started is None:
            step.first_started = event.time
        self.running[event.number] = RunningTask(event.step, event.number, event.path, event.time)

    def _not_again(self) -> None:
        """The run is over: what would have been tried again has failed."""
        for step in self.steps.values():
            step.failed, step.again = step.failed + step.again, 0
        self.failures += list(self.aside.values())[: KEPT_FAILURES - len(self.failures)]
        self.aside.clear()

    def _begins_again(self, number: int, step: StepTally) -> None:
        """Of a gang that is tried again, also those begin again that had succeeded or were stopped."""
        self.aside.pop(number, None)
        ending = self.ended_in_gangs.pop(number, "again")
        setattr(step, ending, getattr(step, ending) - 1)

    def _task_ended(self, event: TaskEnded) -> None:
        step = self.step(event.step)
        if self.running.pop(event.number, None) is not None:
            step.running -= 1
        ending = _ending(event)
        setattr(step, ending, getattr(step, ending) + 1)
        if event.step in self.gangs:
            self.ended_in_gangs[event.number] = ending
        if ending == "again":
            if len(self.aside) < KEPT_FAILURES and event.state is not State.CANCELLED:
                self.aside[event.number] = event
            return
        step.last_ended = event.time
        if ending == "failed" and len(self.failures) < KEPT_FAILURES:
            self.failures.append(event)


def _ending(event: TaskEnded) -> str:
    """The count that a task belongs to once it has ended."""
    if event.will_retry:
        return "again"
    if event.origin is not None:
        return "cloned"
    return {State.SUCCEEDED: "succeeded", State.CANCELLED: "cancelled"}.get(event.state, "failed")
