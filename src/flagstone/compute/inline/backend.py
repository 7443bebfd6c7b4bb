"""Runs each job in this very process when it is asked what happened; nothing is forked, so a debugger can follow."""

import io
import os
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from flagstone.kit.clock import now
from flagstone.kit.files import private_directory
from flagstone.model.jobs import ComputeEvent, Ended, Job, LogSpan, RunContext, Started
from flagstone.ports.compute import TaskRunner

_OUT, _ERR = "inline.out", "inline.err"


class InlineCompute:
    """One slot, in this process. With `capture`, what Python code prints goes to log files, else to the terminal."""

    slots = 1

    def __init__(self, runner: TaskRunner, *, capture: bool = True) -> None:
        self._runner = runner
        self._capture = capture
        self._jobs: deque[Job] = deque()
        self._events: list[ComputeEvent] = []
        self._logs: tuple[io.TextIOWrapper, io.TextIOWrapper] | None = None

    def start(self, context: RunContext) -> None:
        """Open the log files and prepare the runner. Raises OSError."""
        if self._capture:
            directory = private_directory(Path(context.home, "logs", context.run.flow, str(context.run.number)))
            self._logs = _open(directory / _OUT), _open(directory / _ERR)
        self._runner.prepare(context)

    def launch(self, jobs: Sequence[Job]) -> None:
        """Keep `jobs` for the next calls of `collect`, one a call."""
        self._jobs.extend(jobs)

    def depth(self, isolation: str | None) -> int:
        """One."""
        return self.slots

    def filenos(self) -> Sequence[int]:
        """None: `collect` never waits for anything."""
        return ()

    def collect(self) -> list[ComputeEvent]:
        """Run the next job, if there is one."""
        events, self._events = self._events, []
        if self._jobs:
            events.extend(self._run(self._jobs.popleft()))
        return events

    def cancel(self, number: int, *, kill: bool) -> None:
        """Drop a job that waits; one that runs cannot be stopped from its own process."""
        for job in [job for job in self._jobs if job.number == number]:
            self._jobs.remove(job)
            self._events.append(Ended(job.number, job.attempt, None, "cancelled", None))

    def close(self) -> None:
        """Drop what waits and close the log files."""
        self._jobs.clear()
        for log in self._logs or ():
            log.close()
        self._logs = None

    def _run(self, job: Job) -> Iterator[ComputeEvent]:
        span = self._span()
        yield Started(job.number, job.attempt, os.getpid(), now(), span)
        with self._captured():
            report = self._runner.run(job)
        yield Ended(job.number, job.attempt, report, "exit status 0", self._span(span))

    def _span(self, begun: LogSpan | None = None) -> LogSpan | None:
        if self._logs is None:
            return None
        out, err = (os.fstat(log.fileno()).st_size for log in self._logs)
        if begun is None:
            return LogSpan(_OUT, _ERR, out, err)
        return LogSpan(_OUT, _ERR, begun.stdout_start, begun.stderr_start, out, err)

    @contextmanager
    def _captured(self) -> Iterator[None]:
        if self._logs is None:
            yield
            return
        streams = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = self._logs
        try:
            yield
        finally:
            sys.stdout, sys.stderr = streams
            for log in self._logs:
                log.flush()


def _open(path: Path) -> io.TextIOWrapper:
    fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    return open(fd, "w", encoding="utf-8", errors="backslashreplace", buffering=1)
