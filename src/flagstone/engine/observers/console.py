"""Shows a run as timestamped lines: what starts, what ends, what tasks print, and the final words."""

import time
from collections.abc import Callable

from flagstone.engine.observers import ending
from flagstone.engine.observers.sink import Sink
from flagstone.engine.observers.tally import MANY, StepTally, Tally
from flagstone.kit import clock, text
from flagstone.model.events import (
    AnyEvent,
    Notice,
    PromptClosed,
    PromptOpened,
    RunEnded,
    RunStarted,
    TaskEnded,
    TaskOutput,
    TasksExpected,
    TaskStarted,
)
from flagstone.model.states import State

INTERVAL = 5.0  # seconds between two lines about the progress of a step with many tasks


class Console:
    """The observer for people who read lines.

    Steps with many tasks are summarised; failures and output are always shown. `out` takes the lines, `errors` the
    final words about a run that did not succeed; `again` is the command that resumes one.
    """

    def __init__(self, out: Sink, errors: Sink, *, again: str = "", now: Callable[[], float] = clock.now) -> None:
        self.tally = Tally()
        self.detailed = True  # whether progress is told in lines: not beside a board that shows it
        self._out = out
        self._errors = errors
        self._again = again
        self._now = now
        self._stamp = (0, "")
        self._summarised = 0.0
        self._said: dict[str, int] = {}

    def on(self, event: AnyEvent) -> None:
        """Show an event."""
        if isinstance(event, TaskOutput):
            self._task_output(event)
            return
        self.tally.on(event)
        match event:
            case RunStarted():
                self._run_started(event)
            case TasksExpected():
                self._tasks_expected(event)
            case TaskStarted():
                self._task_started(event)
            case TaskEnded():
                self._task_ended(event)
            case RunEnded():
                self._run_ended(event)
            case PromptOpened():
                self._line(event.time, f"/{event.step}/{event.number}", "task waits for you at the prompt below")
                self._out.hold()
            case PromptClosed():
                self._out.release()
            case Notice():
                weight = "warning: " if event.level == "warning" else ""
                self._line(event.time, "", f"{weight}{event.text}")

    def tick(self) -> None:
        """Say how large steps get on, every few seconds, and hand over what waits."""
        now = self._now()
        if now - self._summarised >= INTERVAL:
            self._summarised = now
            for step in self.tally.active():
                if step.many and self._said.get(step.name) != step.over:
                    self._progress(now, step)
        self._out.flush()

    def close(self) -> None:
        """Hand over what waits."""
        self._out.flush()
        self._errors.flush()

    # --- the run ---------------------------------------------------------------------------------------------

    def _run_started(self, event: RunStarted) -> None:
        self._summarised = event.time
        words = f"run started: {text.plural(len(event.plan.steps), 'step')}, {text.plural(event.workers, 'worker')}"
        if event.origin is not None:
            words = f"{words}, resumes {event.origin}"
        self._line(event.time, "", words)

    def _run_ended(self, event: RunEnded) -> None:
        for step in self.tally.active():
            if step.many and self._said.get(step.name) != step.over:
                self._progress(event.time, step)
        if event.state is State.SUCCEEDED:
            self._line(event.time, "", ending.success(self.tally).rstrip("\n"))
            self._out.flush()
        else:
            self._out.flush()
            self._errors.text("\n" + ending.trouble(self.tally, self._again))
            self._errors.flush()

    # --- tasks -----------------------------------------------------------------------------------------------

    def _tasks_expected(self, event: TasksExpected) -> None:
        step = self.tally.step(event.step)
        if step.many and step.expected - event.count <= MANY:
            self._line(event.time, f"/{event.step}", f"{text.plural(step.expected, 'task')} to do")

    def _task_started(self, event: TaskStarted) -> None:
        if self.detailed and not self.tally.step(event.step).many:
            self._line(event.time, f"/{event.step}/{event.number}", "task started")

    def _task_ended(self, event: TaskEnded) -> None:
        if event.origin is not None:
            return
        step = self.tally.step(event.step)
        took = text.duration(max(0.0, event.time - event.started))
        label = f" ({event.label})" if event.label else ""
        place = f"/{event.step}/{event.number}"
        again = "; it will be tried again" if event.will_retry else ""
        if event.state is State.SUCCEEDED:
            if self.detailed and not step.many:
                self._line(event.time, place, f"task done in {took}{label}")
            elif step.many and step.over == step.expected:
                self._progress(event.time, step)
        elif event.state is State.CANCELLED:
            if self.detailed and not step.many:
                self._line(event.time, place, f"task cancelled{again}")
        else:
            verb = "lost" if event.state is State.LOST else "failed"
            self._line(event.time, place, f"task {verb} after {took}{label}: {ending.one_line(event.failure)}{again}")

    def _task_output(self, event: TaskOutput) -> None:
        data = event.data
        if b"\r" in data:
            data = _last_states(data)
        if not data:
            return
        prefix = self._prefix(event.time, f"/{event.step}/{event.number}").encode("ascii", "backslashreplace")
        body = data[:-1] if data.endswith(b"\n") else data
        self._out.raw(prefix + body.replace(b"\n", b"\n" + prefix) + b"\n")

    def _progress(self, now: float, step: StepTally) -> None:
        self._said[step.name] = step.over
        if not self.detailed:
            return
        parts = [f"{step.over:,} of {step.expected:,} done"]
        parts += [f"{count:,} {word}" for count, word in ((step.running, "running"), (step.failed, "failed")) if count]
        if rate := step.rate(now):
            parts.append(f"{rate:,.0f} tasks/s" if rate >= 10 else f"{rate:.2g} tasks/s")
        left = step.seconds_left(now)
        if left is not None:
            parts.append(f"about {text.duration(left)} left")
        self._line(now, f"/{step.name}", ", ".join(parts))

    # --- lines -----------------------------------------------------------------------------------------------

    def _prefix(self, when: float, place: str) -> str:
        second = int(when)
        if self._stamp[0] != second:
            self._stamp = (second, time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(second)))
        return f"{self._stamp[1]} [{self.tally.run}{place}] " if self.tally.run else f"{self._stamp[1]} "

    def _line(self, when: float, place: str, words: str) -> None:
        self._out.text(f"{self._prefix(when, place)}{words}\n")


def _last_states(data: bytes) -> bytes:
    """Progress bars redraw their line with carriage returns: of each line, what one would see in the end."""
    lines = data.replace(b"\r\n", b"\n").split(b"\n")
    return b"\n".join(line.rstrip(b"\r").rpartition(b"\r")[2] for line in lines)
