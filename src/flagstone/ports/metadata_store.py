"""The recorded facts: what a store of runs and tasks must do. One writer a run; any number of readers."""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from flagstone.model.events import AnyEvent
from flagstone.model.ids import RunId
from flagstone.model.plan import Plan
from flagstone.model.records import NewRun, RunQuery, RunRecord, TaskQuery, TaskRecord


class MetadataStore(Protocol):
    """Runs, tasks, tags, plans."""

    def begin_run(self, new: NewRun) -> RunId:
        """Allot the next number of the flow, record the run as running and hold its lock. Durable when it returns."""

    def import_run(self, new: NewRun, tell: Callable[[RunId], Sequence[AnyEvent]]) -> RunId:
        """Record a run that took place elsewhere and is over: all of it in one durable transaction, or nothing.

        `tell` is given the run's number and gives its events, RunEnded as the last. The run takes its place by
        `created`: what was recorded here later is listed before it. Raises StorageFull, UnusableHome, InvalidTag.
        """

    def append(self, run: RunId, events: Sequence[AnyEvent]) -> None:
        """Record events of a run, in order, in one durable transaction. RunEnded also gives the lock back.

        Raises StorageFull, UnusableHome, WriteConflict.
        """

    def flows(self) -> list[str]:
        """The names of all flows that have a run, the one with the newest run first."""

    def runs(self, query: RunQuery) -> list[RunRecord]:
        """The runs that match, newest first."""

    def run(self, run: RunId) -> RunRecord | None:
        """One run; None when there is none."""

    def plan(self, digest: bytes) -> Plan:
        """A recorded plan. Raises KeyError."""

    def tasks(self, run: RunId, query: TaskQuery) -> Iterator[TaskRecord]:
        """The tasks that match, each as its newest attempt or as those that the query asks for.

        They are read in pages, so memory stays bounded.
        """

    def count_tasks(self, run: RunId) -> dict[str, dict[str, float]]:
        """For each step that has or expects tasks, in the order in which they came up: how many are in which state.

        Only states that occur are there. "expected" is how many tasks were announced; "started" and "finished" are the
        step's first and last times in seconds since the epoch, where there are any. Instant for any number of tasks.
        """

    def mutate_tags(self, run: RunId, add: Sequence[str], remove: Sequence[str]) -> RunRecord:
        """Add and remove user tags in one transaction. Raises NotFound, InvalidTag."""

    def forget(self, run: RunId) -> None:
        """Remove everything that is recorded about a run that is over; its number is not given again.

        Harmless when there is no such run. Raises WriteConflict for one that runs.
        """

    def problems(self) -> list[str]:
        """What is damaged in the records themselves, in words; nothing when they are whole. Reads all of them."""

    def close(self) -> None:
        """Give everything back."""
