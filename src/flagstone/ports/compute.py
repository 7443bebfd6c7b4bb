"""Where tasks run: what a compute back end must do."""

from collections.abc import Sequence
from typing import Protocol

from flagstone.model.jobs import ComputeEvent, Job, Report, RunContext


class TaskRunner(Protocol):
    """Runs one attempt in this very process; the engine's half of a task process, handed to back ends by the wiring."""

    def prepare(self, context: RunContext) -> None:
        """Get ready for the tasks of a run; called once, before any fork."""

    def run(self, job: Job) -> Report:
        """Run the attempt and report. Never raises for what the user's code does."""


class Compute(Protocol):
    """One back end for one run: launch attempts, say what became of them."""

    slots: int  # how many attempts it runs at once

    def start(self, context: RunContext) -> None:
        """Get ready for the run."""

    def launch(self, jobs: Sequence[Job]) -> None:
        """Start attempts; there are never more than `depth` that have not ended."""

    def depth(self, isolation: str | None) -> int:
        """How many jobs in this isolation may be under way: `slots`, or more where workers take them in a row."""

    def filenos(self) -> Sequence[int]:
        """File descriptors that turn readable when `collect` has something; none when `collect` never waits."""

    def collect(self) -> list[ComputeEvent]:
        """What happened since the last call, in order; never blocks."""

    def cancel(self, number: int, *, kill: bool) -> None:
        """Ask an attempt to stop (SIGTERM), or make it (SIGKILL); `collect` tells when it is gone."""

    def close(self) -> None:
        """End everything that still runs, at once, and give everything back."""
