"""Metadata in this process's memory: for tests of flows and of whatever reads runs; gone when the store is."""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain

import msgspec
from msgspec import Struct, field

from flagstone.kit.digest import digest_of
from flagstone.metadata.batch import StepTotals, TaskWrite, fold, record
from flagstone.metadata.rows import plan_of
from flagstone.metadata.rules import NOT_OURS, changed_tags, checked_tags, parameter_key, run_state
from flagstone.model.errors import NotFound, WriteConflict
from flagstone.model.events import AnyEvent
from flagstone.model.ids import RunId
from flagstone.model.plan import Plan
from flagstone.model.records import NewRun, RunQuery, RunRecord, TaskQuery, TaskRecord
from flagstone.model.states import State


class _Run(Struct):
    record: RunRecord
    alive: bool = True
    tasks: dict[int, list[TaskWrite]] = field(default_factory=dict)  # the attempts of each number
    steps: dict[str, StepTotals] = field(default_factory=dict)  # times and what is expected; in order of appearance

    def seen(self) -> RunRecord:
        return msgspec.structs.replace(self.record, state=run_state(self.record.state, alive=self.alive))


class MemoryMetadataStore:
    """Implements `ports.metadata_store` with dictionaries; as strict as the others, and durable as long as it lives."""

    def __init__(self) -> None:
        self._runs: dict[RunId, _Run] = {}
        self._numbers: dict[str, int] = {}  # the last one of each flow
        self._plans: dict[bytes, bytes] = {}
        self._manifests: dict[bytes, bytes] = {}

    def begin_run(self, new: NewRun) -> RunId:
        """Allot the next number of the flow and record the run as running."""
        tags = checked_tags(new.tags, new.system_tags)
        run = RunId(new.flow, self._numbers.get(new.flow, 0) + 1)
        self._numbers[new.flow] = run.number
        digest = digest_of(new.plan)
        self._plans[digest] = new.plan
        row = RunRecord(
            id=run,
            state=State.RUNNING,
            user=new.user,
            created=new.created,
            finished=None,
            namespace=new.namespace,
            tags=tags,
            system_tags=new.system_tags,
            parameters=dict(new.parameters),
            plan_digest=digest,
            constants=new.constants,
            origin=new.origin,
        )
        self._runs[run] = _Run(row)
        return run

    def import_run(self, new: NewRun, tell: Callable[[RunId], Sequence[AnyEvent]]) -> RunId:
        """Record a run that took place elsewhere and is over, at its place in time."""
        run = self.begin_run(new)
        try:
            self.append(run, tell(run))
        except BaseException:
            del self._runs[run]
            self._numbers[run.flow] -= 1
            raise
        self._runs = dict(sorted(self._runs.items(), key=lambda pair: pair[1].record.created))
        return run

    def append(self, run: RunId, events: Sequence[AnyEvent]) -> None:
        """Record events of a run, in order. Raises WriteConflict for a run that is over."""
        batch = fold(events)
        if not batch:
            return
        found = self._runs.get(run)
        if found is None or not found.alive:
            raise WriteConflict(what=str(run), problem=NOT_OURS)
        for step, count in batch.expected.items():
            found.steps.setdefault(step, StepTotals()).expected += count
        for write in batch.tasks.values():
            found.steps.setdefault(write.step, StepTotals()).stretch(write)
            attempts = found.tasks.setdefault(write.number, [])
            attempts[:] = sorted([w for w in attempts if w.attempt != write.attempt] + [write], key=_attempt)
            if write.manifest_digest:
                self._manifests.setdefault(write.manifest_digest, write.manifest)
        if batch.ended is not None:
            ended = batch.ended
            found.alive = False
            found.record = msgspec.structs.replace(
                found.record, state=ended.state, finished=ended.time, reason=ended.reason
            )

    def vanish(self, run: RunId) -> None:
        """Make `run` look as if its process had died."""
        self._runs[run].alive = False

    def flows(self) -> list[str]:
        """The names of all flows that have a run, the one with the newest run first."""
        return list(dict.fromkeys(run.flow for run in reversed(self._runs)))

    def runs(self, query: RunQuery) -> list[RunRecord]:
        """The runs that match, newest first."""
        seen = [found.seen() for found in reversed(self._runs.values())]
        matching = [row for row in seen if _run_matches(row, query)][query.offset :]
        return matching if query.limit is None else matching[: query.limit]

    def run(self, run: RunId) -> RunRecord | None:
        """One run; None when there is none."""
        found = self._runs.get(run)
        return None if found is None else found.seen()

    def plan(self, digest: bytes) -> Plan:
        """A recorded plan. Raises KeyError."""
        return plan_of(self._plans[digest])

    def tasks(self, run: RunId, query: TaskQuery) -> Iterator[TaskRecord]:
        """The tasks that match, each as its newest attempt or as those that the query asks for."""
        found = self._runs.get(run)
        if found is None:
            return
        state = found.seen().state
        numbers = sorted(found.tasks, reverse=query.newest_first)
        left, skip = query.limit, query.offset
        for write in chain.from_iterable(_attempts(found.tasks[number], query) for number in numbers):
            whole = msgspec.structs.replace(write, manifest=self._manifests.get(write.manifest_digest, b""))
            row = record(run, whole, run_state=state, with_manifest=query.with_manifests)
            if not _task_matches(row, query):
                continue
            if skip > 0:
                skip -= 1
                continue
            if left is not None:
                if left <= 0:
                    return
                left -= 1
            yield row

    def count_tasks(self, run: RunId) -> dict[str, dict[str, float]]:
        """For each step that has or expects tasks, in the order in which they came up: how many are in which state."""
        found = self._runs.get(run)
        if found is None:
            return {}
        totals = {step: msgspec.structs.replace(total, states={}) for step, total in found.steps.items()}
        for attempts in found.tasks.values():
            newest = totals[attempts[-1].step].states
            newest[attempts[-1].state] = newest.get(attempts[-1].state, 0) + 1
        state = found.seen().state
        return {step: total.shown(state) for step, total in totals.items()}

    def mutate_tags(self, run: RunId, add: Sequence[str], remove: Sequence[str]) -> RunRecord:
        """Remove and add user tags. Raises NotFound, InvalidTag."""
        found = self._runs.get(run)
        if found is None:
            raise NotFound(what=str(run), place="")
        tags = changed_tags(found.record.tags, found.record.system_tags, add, remove)
        found.record = msgspec.structs.replace(found.record, tags=tags)
        return found.seen()

    def forget(self, run: RunId) -> None:
        """Remove a run that is over. Raises WriteConflict for one that runs."""
        found = self._runs.get(run)
        if found is not None and found.seen().state is State.RUNNING:
            raise WriteConflict(what=str(run), problem="it is still running")
        self._runs.pop(run, None)

    def problems(self) -> list[str]:
        """Memory does not rot."""
        return []

    def close(self) -> None:
        """Runs that have not ended are lost from now on."""
        for found in self._runs.values():
            found.alive = False


def _attempt(write: TaskWrite) -> int:
    return write.attempt


def _attempts(attempts: list[TaskWrite], query: TaskQuery) -> list[TaskWrite]:
    """Those of a task's attempts that a query is about."""
    if query.newest_attempts:
        return attempts[-1:]
    asked = [write for write in attempts if query.attempt in (None, write.attempt)]
    return asked[::-1] if query.newest_first else asked


def _run_matches(row: RunRecord, query: RunQuery) -> bool:
    tags = {*row.tags, *row.system_tags}
    return (
        query.flow in (None, row.id.flow)
        and (not query.states or row.state in query.states)
        and tags.issuperset(query.tags)
        and tags.isdisjoint(query.without)
        and query.user in (None, row.user)
        and (query.namespace in (None, row.namespace) or query.namespace in tags)
        and (query.created_after is None or row.created > query.created_after)
        and (query.created_before is None or row.created < query.created_before)
        and all(_same(row.parameters.get(name), text) for name, text in query.parameters.items())
    )


def _same(one: str | None, other: str) -> bool:
    return one is not None and parameter_key(one) == parameter_key(other)


def _task_matches(row: TaskRecord, query: TaskQuery) -> bool:
    return (
        query.step in (None, row.id.step)
        and (query.numbers is None or row.id.number in query.numbers)
        and (not query.states or row.state in query.states)
        and query.path in (None, row.path)
        and (query.below is None or (row.path[:-1] == query.below and row.path != ()))
    )
