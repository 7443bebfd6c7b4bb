"""The one module that issues SQL: a metadata store on any database that `database.Database` describes."""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice

import msgspec

from flagstone.kit.digest import digest_of
from flagstone.metadata.batch import StepTotals, fold
from flagstone.metadata.database import Database, Row, Transaction
from flagstone.metadata.dialect import queries
from flagstone.metadata.rows import plan_of, run_record, run_values, task_record
from flagstone.metadata.rules import NOT_OURS, changed_tags, checked_tags, parameter_key, run_state
from flagstone.metadata.run_locks import RunLocks
from flagstone.metadata.selection import Selection, found_aside, of_runs, of_tasks, one_of, page, recorded
from flagstone.metadata.writing import Writer
from flagstone.model.errors import NotFound, WriteConflict
from flagstone.model.events import AnyEvent
from flagstone.model.ids import RunId
from flagstone.model.plan import Plan
from flagstone.model.records import NewRun, RunQuery, RunRecord, TaskQuery, TaskRecord
from flagstone.model.states import State

FORGOTTEN = ("manifests", "counts", "tasks", "steps", "tags", "parameters", "run", "newest_run")  # in this order
_PAGE = 500  # rows a statement when there may be many
_ROOM = 1 << 32  # row ids that are left free below the runs that imported ones come before


class SqlMetadataStore:
    """Implements `ports.metadata_store` with named queries."""

    def __init__(self, database: Database, locks: RunLocks) -> None:
        self._database = database
        self._locks = locks
        self._queries = queries(database.dialect)

    # --- writing ------------------------------------------------------------------------------------------------

    def begin_run(self, new: NewRun) -> RunId:
        """Allot the next number of the flow, record the run as running and hold its lock. Durable when it returns."""
        tags = checked_tags(new.tags, new.system_tags)
        run: RunId | None = None
        try:
            with self._database.write() as transaction:
                number = transaction.rows(self._queries["allot_number"], {"flow": new.flow})[0][0]
                run = RunId(new.flow, number)
                self._locks.take(run)  # before the row can be seen: nobody may take the run for lost
                self._insert_run(transaction, run, msgspec.structs.replace(new, tags=tags))
        except BaseException:
            if run is not None:
                self._locks.release(run)
            raise
        return run

    def import_run(self, new: NewRun, tell: Callable[[RunId], Sequence[AnyEvent]]) -> RunId:
        """Record a run that took place elsewhere and is over: all of it in one durable transaction, or nothing."""
        tags = checked_tags(new.tags, new.system_tags)
        with self._database.write() as transaction:
            number = transaction.rows(self._queries["allot_number"], {"flow": new.flow})[0][0]
            run = RunId(new.flow, number)
            times = transaction.rows(self._queries["neighbours_in_time"], {"created": new.created})[0]
            row = self._insert_run(transaction, run, msgspec.structs.replace(new, tags=tags), _place_between(*times))
            Writer(transaction, self._queries, row).write(fold(tell(run)))
        return run

    def _insert_run(self, transaction: Transaction, run: RunId, new: NewRun, at: int | None = None) -> int:
        """The row id, which is `at` where that is given: runs are listed in the order of their row ids."""
        named = self._queries
        digest = digest_of(new.plan)
        transaction.rows(named["insert_plan"], {"digest": digest, "body": new.plan})
        values = run_values(run, new, digest)
        statement = named["insert_run"] if at is None else named["insert_run_at"]
        row: int = transaction.rows(statement, values if at is None else {**values, "id": at})[0][0]
        transaction.rows(named["remember_newest_run"], {"flow": run.flow, "run": row})
        tags = dict.fromkeys((*new.tags, *new.system_tags))
        transaction.many(named["insert_tag"], [{"tag": tag, "run": row} for tag in tags])
        keys = [{"name": n, "value": parameter_key(text), "run": row} for n, text in new.parameters.items()]
        transaction.many(named["insert_parameter"], keys)
        return row

    def append(self, run: RunId, events: Sequence[AnyEvent]) -> None:
        """Record events of a run, in order, in one durable transaction. RunEnded also gives the lock back.

        Raises StorageFull, UnusableHome, WriteConflict; then nothing of the batch is recorded.
        """
        batch = fold(events)
        if not batch:
            return
        if not self._locks.holds(run):
            raise WriteConflict(what=str(run), problem=NOT_OURS)
        with self._database.write() as transaction:
            row = transaction.rows(self._queries["open_run"], {"flow": run.flow, "number": run.number})[0][0]
            Writer(transaction, self._queries, row).write(batch)
        if batch.ended is not None:
            self._locks.release(run)

    def mutate_tags(self, run: RunId, add: Sequence[str], remove: Sequence[str]) -> RunRecord:
        """Remove and add user tags in one transaction. Raises NotFound, InvalidTag."""
        where = Selection().where(self._queries["run_is"], flow=run.flow, number=run.number)
        with self._database.write() as transaction:
            rows = transaction.rows(where.statement(self._queries["select_runs"]), where.values)
            if not rows:
                raise NotFound(what=str(run), place="")
            before = run_record(rows[0])
            tags = changed_tags(before.tags, before.system_tags, add, remove)
            row = rows[0][0]
            gone = [{"tag": tag, "run": row} for tag in set(before.tags) - set(tags)]
            transaction.many(self._queries["delete_tag"], gone)
            transaction.many(self._queries["insert_tag"], [{"tag": tag, "run": row} for tag in tags])
            transaction.rows(self._queries["update_tags"], {"tags": msgspec.msgpack.encode(tags), "run": row})
        return msgspec.structs.replace(self._settled(rows)[0], tags=tags)

    def forget(self, run: RunId) -> None:
        """Remove everything that is recorded about a run that is over; its number is not given again.

        Harmless when there is no such run. Raises WriteConflict for one that runs.
        """
        found = self.run(run)
        if found is not None and found.state is State.RUNNING:
            raise WriteConflict(what=str(run), problem="it is still running")
        with self._database.write() as transaction:
            for row, *_ in transaction.rows(self._queries["open_run"], {"flow": run.flow, "number": run.number}):
                for part in FORGOTTEN:
                    transaction.rows(self._queries[f"forget_{part}"], {"run": row})

    # --- reading runs -------------------------------------------------------------------------------------------

    def flows(self) -> list[str]:
        """The names of all flows that have a run, the one with the newest run first."""
        return [row[0] for row in self._database.read(self._queries["select_flows"], {})]

    def runs(self, query: RunQuery) -> list[RunRecord]:
        """The runs that match, newest first."""
        selection = of_runs(query, self._queries)
        wanted = set(query.states)
        if (State.RUNNING in wanted) is (State.LOST in wanted):
            records = self._settled(self._select_runs(selection, query.limit, query.offset))
            return [record for record in records if not wanted or record.state in wanted]
        matching = (record for record in self._all_runs(selection) if record.state in wanted)
        stop = None if query.limit is None else query.offset + query.limit
        return list(islice(matching, query.offset, stop))

    def run(self, run: RunId) -> RunRecord | None:
        """One run; None when there is none."""
        where = Selection().where(self._queries["run_is"], flow=run.flow, number=run.number)
        found = self._settled(self._select_runs(where, 1))
        return found[0] if found else None

    def plan(self, digest: bytes) -> Plan:
        """A recorded plan. Raises KeyError."""
        rows = self._database.read(self._queries["select_plan"], {"digest": digest})
        if not rows:
            raise KeyError(digest.hex())
        return plan_of(rows[0][0])

    def _select_runs(self, selection: Selection, limit: int | None, offset: int = 0) -> list[Row]:
        sql = selection.statement(self._queries["select_runs"], self._queries["newest_runs_first"])
        return self._database.read(sql, {**selection.values, **page(limit, offset)})

    def _all_runs(self, selection: Selection) -> Iterator[RunRecord]:
        """Page after page, for conditions that the database alone cannot decide."""
        rows = self._select_runs(selection, _PAGE)
        while rows:
            yield from self._settled(rows)
            rows = self._select_runs(selection.plus(self._queries["run_before"], before=rows[-1][0]), _PAGE)

    def _settled(self, rows: Sequence[Row]) -> list[RunRecord]:
        """Records of run rows, where a run without a living process is lost.

        A run whose lock is free may have ended since its row was read: the row is read again before it counts.
        """
        records = [run_record(row) for row in rows]
        for place, record in enumerate(records):
            if record.state is State.RUNNING and not self._locks.is_alive(record.id):
                where = Selection().where(self._queries["run_is"], flow=record.id.flow, number=record.id.number)
                now = run_record(self._select_runs(where, 1)[0])
                records[place] = msgspec.structs.replace(now, state=run_state(now.state, alive=False))
        return records

    # --- reading tasks ------------------------------------------------------------------------------------------

    def tasks(self, run: RunId, query: TaskQuery) -> Iterator[TaskRecord]:
        """The tasks that match, each as its newest attempt or as those that the query asks for; read in pages."""
        place = self._place(run)
        if place is None:
            return
        row, state = place
        ids = {step: number for number, step, *_ in self._database.read(self._queries["select_steps"], {"run": row})}
        asked = _as_recorded(query, state)
        if asked is None or (query.step is not None and query.step not in ids):
            return
        selection = of_tasks(asked, row, ids[query.step] if query.step is not None else None, self._queries)
        for found in self._task_rows(selection, asked):
            yield task_record(run, found, state)

    def _task_rows(self, selection: Selection, query: TaskQuery) -> Iterator[Row]:
        if query.numbers is None and not found_aside(query):
            return self._task_pages(selection, query)
        if query.numbers is not None:
            numbers = sorted(set(query.numbers))
        else:
            sql = selection.statement(self._queries["select_task_numbers"])
            numbers = sorted(row[0] for row in self._database.read(sql, selection.values))
        if query.newest_first:
            numbers.reverse()
        pages = (numbers[start : start + _PAGE] for start in range(0, len(numbers), _PAGE))
        rows = chain.from_iterable(self._numbered(selection, query, chosen) for chosen in pages)
        stop = None if query.limit is None else query.offset + query.limit
        return islice(rows, query.offset, stop)

    def _numbered(self, selection: Selection, query: TaskQuery, numbers: Sequence[int]) -> list[Row]:
        chosen = selection.plus(self._queries["task_of_run"])
        chosen = chosen.plus(one_of(self._queries["task_numbered"], "$NUMBERS", numbers))
        return self._select_tasks(chosen, query, None)

    def _task_pages(self, selection: Selection, query: TaskQuery) -> Iterator[Row]:
        left, offset = query.limit, query.offset
        beyond = self._queries[f"{_unit(query)}_{'before' if query.newest_first else 'after'}"]
        chosen = selection
        while left is None or left > 0:
            size = _PAGE if left is None else min(_PAGE, left)
            rows = self._select_tasks(chosen, query, size, offset)
            yield from rows
            if len(rows) < size:
                return
            left, offset = None if left is None else left - size, 0
            chosen = selection.plus(beyond, after=rows[-1][0], after_attempt=rows[-1][1])

    def _select_tasks(self, selection: Selection, query: TaskQuery, limit: int | None, offset: int = 0) -> list[Row]:
        head = self._queries["select_tasks_with_manifests" if query.with_manifests else "select_tasks"]
        tail = self._queries[f"{'newest' if query.newest_first else 'oldest'}_{_unit(query)}s_first"]
        return self._database.read(selection.statement(head, tail), {**selection.values, **page(limit, offset)})

    def count_tasks(self, run: RunId) -> dict[str, dict[str, float]]:
        """For each step that has or expects tasks, in the order in which they came up: how many are in which state."""
        place = self._place(run)
        if place is None:
            return {}
        row, state = place
        totals: dict[str, StepTotals] = {}
        for _, step, expected, started, finished in self._database.read(self._queries["select_steps"], {"run": row}):
            totals[step] = StepTotals(expected, {}, started, finished)
        for step, counted, number in self._database.read(self._queries["select_counts"], {"run": row}):
            totals.setdefault(step, StepTotals()).states[State(counted)] = number
        return {step: total.shown(state) for step, total in totals.items()}

    def _place(self, run: RunId) -> tuple[int, State] | None:
        """The row id of a run and the state that it is in; None when there is none."""
        values = {"flow": run.flow, "number": run.number}
        rows = self._database.read(self._queries["open_run"], values)
        if not rows:
            return None
        if rows[0][1] == State.RUNNING and not self._locks.is_alive(run):
            rows = self._database.read(self._queries["open_run"], values)
            return rows[0][0], run_state(State(rows[0][1]), alive=False)
        return rows[0][0], State(rows[0][1])

    def problems(self) -> list[str]:
        """What the database finds wrong with itself."""
        return self._database.problems()

    def close(self) -> None:
        """Give everything back; runs that have not ended are lost from now on."""
        self._locks.release_all()
        self._database.close()


def _unit(query: TaskQuery) -> str:
    """What a row stands for, as the names of the queries say it."""
    return "attempt" if query.every_attempt else "task"


def _place_between(before: int | None, after: int | None, lowest: int | None) -> int | None:
    """A free row id after the run `before` and below `after`; None where the next number is right.

    Where nothing is free in between it is below all others: seldom, and nothing newer is hidden by it.
    """
    if after is None or lowest is None:
        return None
    if before is not None and before + 1 < after:
        return before + 1
    return lowest - (1 if before is not None else _ROOM)


def _as_recorded(query: TaskQuery, run: State) -> TaskQuery | None:
    """The query with the states that are recorded for those it asks for; None when no task can match."""
    if not query.states or run is State.RUNNING:
        return query
    states = tuple(recorded(state for state in query.states if state is not State.RUNNING))
    return msgspec.structs.replace(query, states=states) if states else None
