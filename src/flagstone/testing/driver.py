"""Plays the engine for a compute back end: a runner that calls a function a step, and a driver of launches."""

import os
import select
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from flagstone.kit.clock import monotonic, now
from flagstone.model.ids import RunId
from flagstone.model.jobs import ComputeEvent, Ended, Failure, Job, JobInput, LogSpan, Report, RunContext, Started
from flagstone.model.plan import Plan
from flagstone.model.resources import Resources
from flagstone.ports.compute import Compute, TaskRunner

Action = Callable[[Job], bytes | None]


class FunctionRunner:
    """Calls the function of the job's step; what it returns stands in the report as the manifest."""

    def __init__(self, actions: Mapping[str, Action]) -> None:
        self.actions = actions

    def prepare(self, context: RunContext) -> None:
        """Keep the context."""
        self.context = context

    def run(self, job: Job) -> Report:
        """Call the function; an exception becomes the report's failure."""
        started = now()
        result, failure = b"", None
        try:
            result = self.actions[job.step](job) or b""
        except Exception as error:  # noqa: BLE001 - the boundary of an attempt: everything becomes its failure
            failure = Failure(type(error).__qualname__, str(error), traceback.format_exc())
        return Report(job.number, job.attempt, started, now(), failure, result)


def job(number: int, step: str, *, isolation: str | None = None, cpu: float = 1, data: bytes = b"") -> Job:
    """A job for task `number` that continues from one task, whose manifest is `data`."""
    inputs = (JobInput("before", 1, data),)
    return Job(number, step, 0, (), (), inputs, Resources(cpu=cpu), isolation=isolation)


def context_in(home: Path) -> RunContext:
    """The context of a run whose files lie under `home`."""
    plan = Plan(flow="Tidal", file="/flows/tidal.py", start="start", end="end", steps=())
    return RunContext(RunId("Tidal", 7), plan, "ada", "user:ada", (), b"", str(home))


class Driver:
    """Plays the engine: launches jobs, waits for what becomes of them, reads their output."""

    def __init__(self, compute: Compute, home: Path) -> None:
        self.compute = compute
        self.events: list[ComputeEvent] = []
        self._logs = home / "logs" / "Tidal" / "7"

    def run(self, *jobs: Job, seconds: float = 30.0) -> list[Ended]:
        """Launch `jobs`, at most as many at once as the back end wants; returns their ends in the order of `jobs`."""
        waiting = list(jobs)
        active = 0
        deadline = monotonic() + seconds
        while waiting or active:
            free = self.compute.depth(waiting[0].isolation) - active if waiting else 0
            if free > 0:
                self.compute.launch(waiting[:free])
                active += len(waiting[:free])
                del waiting[:free]
            active -= sum(isinstance(event, Ended) for event in self.wait(deadline - monotonic()))
        return [self.end_of(job.number) for job in jobs]

    def wait(self, seconds: float = 30.0) -> list[ComputeEvent]:
        """Wait until something happens. Raises TimeoutError."""
        fds = list(self.compute.filenos())
        deadline = monotonic() + seconds
        while not (events := self.compute.collect()):
            left = deadline - monotonic()
            if left <= 0:
                msg = f"nothing happened for {seconds:.0f} seconds"
                raise TimeoutError(msg)
            if fds:
                select.select(fds, [], [], left)
        self.events += events
        return events

    def wait_for_start(self, number: int) -> Started:
        """Wait until task `number` runs."""
        while not (found := [e for e in self.events if isinstance(e, Started) and e.number == number]):
            self.wait()
        return found[-1]

    def wait_for_end(self, number: int) -> Ended:
        """Wait until task `number` is over."""
        while not any(isinstance(event, Ended) and event.number == number for event in self.events):
            self.wait()
        return self.end_of(number)

    def wait_for_output(self, number: int, seconds: float = 30.0) -> bytes:
        """Wait until task `number` has printed a whole line while it runs; all that is there by then."""
        span = self.wait_for_start(number).log
        assert span is not None
        deadline = monotonic() + seconds
        while not (output := (self._logs / span.stdout).read_bytes()[span.stdout_start :]).endswith(b"\n"):
            if monotonic() > deadline:
                msg = f"task {number} printed no line for {seconds:.0f} seconds"
                raise TimeoutError(msg)
            time.sleep(0.002)
        return output

    def end_of(self, number: int) -> Ended:
        """The only end of task `number`."""
        (end,) = (event for event in self.events if isinstance(event, Ended) and event.number == number)
        return end

    def output(self, span: LogSpan | None, stream: str = "stdout") -> bytes:
        """What an attempt that has ended wrote."""
        assert span is not None
        if stream == "stdout":
            name, start, end = span.stdout, span.stdout_start, span.stdout_end
        else:
            name, start, end = span.stderr, span.stderr_start, span.stderr_end
        assert 0 <= start <= end
        return (self._logs / name).read_bytes()[start:end]


class MakeCompute(Protocol):
    """How a back end is made for a runner, not started yet."""

    def __call__(self, runner: TaskRunner, /) -> Compute: ...


@contextmanager
def started(make: MakeCompute, actions: Mapping[str, Action], home: Path) -> Iterator[Driver]:
    """A driver of a started back end, closed at the end."""
    compute = make(FunctionRunner(actions))
    compute.start(context_in(home))
    try:
        yield Driver(compute, home)
    finally:
        compute.close()


def speak(job: Job) -> bytes:
    """Write the task's number to both streams, and give back what came in."""
    print(f"out {job.number}")
    print(f"err {job.number}", file=sys.stderr)
    return job.inputs[0].manifest


def fail(job: Job) -> bytes:
    """Raise an exception that names the task."""
    msg = f"no {job.number}"
    raise ValueError(msg)


def leave(job: Job) -> bytes:
    """End the process without a word."""
    os._exit(job.number)


def sleep(job: Job) -> bytes:
    """Say so, then take longer than any test waits."""
    print("asleep")
    time.sleep(600)
    return bytes([job.number])


ACTIONS: dict[str, Action] = {"speak": speak, "fail": fail, "leave": leave, "sleep": sleep}


def is_alive(pid: int) -> bool:
    """Whether a process is there and not merely waiting to be reaped."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][:1]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"
