"""One batch into the database: rows, the newest attempt of each task, and the counts of each step, together."""

from collections import defaultdict
from collections.abc import Mapping

from flagstone.metadata.batch import Batch, StepTotals, TaskWrite
from flagstone.metadata.database import Transaction, Values
from flagstone.metadata.rows import task_values
from flagstone.metadata.selection import one_of, path_text
from flagstone.model.events import RunEnded

_CHUNK = 500


class Writer:
    """Writes batches of one run, whose row id is `run`, inside one transaction."""

    def __init__(self, transaction: Transaction, queries: Mapping[str, str], run: int) -> None:
        self._transaction = transaction
        self._queries = queries
        self._run = run

    def write(self, batch: Batch) -> None:
        """Write all of it."""
        steps = self._steps(batch)
        if batch.tasks:
            self._write_tasks(list(batch.tasks.values()), steps)
        if batch.ended is not None:
            self._end(batch.ended)

    def _steps(self, batch: Batch) -> dict[str, int]:
        """The row ids of all steps; those that the batch brings up are recorded, and what is expected of them."""
        known = self._known_steps()
        more = dict(batch.expected)
        for write in batch.tasks.values():
            if write.step not in known:
                more.setdefault(write.step, 0)
        if not more:
            return known
        rows = [{"run": self._run, "step": step, "expected": count} for step, count in more.items()]
        self._transaction.many(self._queries["announce_tasks"], rows)
        return self._known_steps()

    def _known_steps(self) -> dict[str, int]:
        rows = self._transaction.rows(self._queries["select_steps"], {"run": self._run})
        return {step: row for row, step, *_ in rows}

    def _write_tasks(self, writes: list[TaskWrite], steps: Mapping[str, int]) -> None:
        newest = self._newest_attempts(sorted({write.number for write in writes}))
        changes: defaultdict[tuple[int, str], int] = defaultdict(int)
        times: defaultdict[int, StepTotals] = defaultdict(StepTotals)
        rows: list[Values] = []
        superseded: list[Values] = []
        for write in writes:
            step = steps[write.step]
            before = newest.get(write.number)
            is_newest = before is None or write.attempt >= before[0]
            if is_newest:
                if before is not None:
                    changes[before[2], before[1]] -= 1
                    if write.attempt > before[0]:
                        superseded.append({"run": self._run, "number": write.number, "attempt": before[0]})
                changes[step, write.state.value] += 1
                newest[write.number] = write.attempt, write.state.value, step
            rows.append(task_values(write, self._run, step, newest=is_newest, path=path_text(write.path)))
            times[step].stretch(write)
        manifests = {write.manifest_digest: write.manifest for write in writes if write.manifest_digest}
        many, named = self._transaction.many, self._queries
        many(named["insert_manifest"], [{"digest": digest, "body": body} for digest, body in manifests.items()])
        many(named["write_task"], rows)
        many(named["supersede_attempt"], superseded)
        many(named["count_state"], [{"step": s, "state": t, "change": n} for (s, t), n in changes.items() if n])
        spans = [{"step": s, "started": t.started, "finished": t.finished} for s, t in times.items() if t]
        many(named["stretch_step"], spans)

    def _newest_attempts(self, numbers: list[int]) -> dict[int, tuple[int, str, int]]:
        """What is recorded so far as the newest attempt of each task: its number, its state, its step."""
        found: dict[int, tuple[int, str, int]] = {}
        for start in range(0, len(numbers), _CHUNK):
            sql = one_of(self._queries["select_newest_attempts"], "$NUMBERS", numbers[start : start + _CHUNK])
            for number, attempt, state, step in self._transaction.rows(sql, {"run": self._run}):
                found[number] = attempt, state, step
        return found

    def _end(self, ended: RunEnded) -> None:
        values = {"run": self._run, "state": ended.state.value, "finished": ended.time, "reason": ended.reason}
        self._transaction.rows(self._queries["end_run"], values)
