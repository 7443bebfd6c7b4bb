"""Tests of `metadata.memory`: whatever happens, it and SQLite tell the same story."""

import shutil
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from flagstone.kit.digest import digest_of
from flagstone.metadata.memory import MemoryMetadataStore
from flagstone.metadata.sqlite import SqliteMetadataStore
from flagstone.model.errors import InvalidTag
from flagstone.model.events import RunEnded, TasksExpected
from flagstone.model.ids import RunId
from flagstone.model.records import RunQuery, TaskQuery
from flagstone.model.states import State
from flagstone.ports.metadata_store import MetadataStore
from flagstone.testing.samples import ended, new_run, started

FLOWS = st.sampled_from(["Tidal", "Solar"])
STEPS = st.sampled_from(["start", "work", "join"])
TAGS = st.lists(st.sampled_from(["a", "b", "user:ada", "", "é 🎉"]), max_size=3)
PATHS = st.lists(st.integers(0, 11), max_size=3).map(tuple)
ENDS = st.sampled_from([State.SUCCEEDED, State.FAILED, State.CANCELLED])
STATES = st.lists(st.sampled_from(list(State)), max_size=3, unique=True).map(tuple)
LIMITS = st.none() | st.integers(0, 4)


class Twins(RuleBasedStateMachine):
    """Two stores that are told the same and must answer the same."""

    runs = Bundle("runs")

    def __init__(self) -> None:
        super().__init__()
        self.place = Path(tempfile.mkdtemp())
        self.sqlite = SqliteMetadataStore(self.place / "flagstone.db", self.place / "locks")
        self.memory = MemoryMetadataStore()
        self.attempts: dict[RunId, dict[int, tuple[int, str, tuple[int, ...], bool]]] = {}

    def teardown(self) -> None:
        self.sqlite.close()
        shutil.rmtree(self.place)

    def both(self, ask: Any) -> Any:
        """The answer, which is the same from both: a value, or what was refused."""
        answers = [self._answer(ask, store) for store in (self.sqlite, self.memory)]
        assert answers[0] == answers[1]
        return answers[0]

    @staticmethod
    def _answer(ask: Any, store: MetadataStore) -> Any:
        try:
            return ask(store)
        except InvalidTag as refused:
            return str(refused)

    @rule(target=runs, flow=FLOWS, tags=TAGS, alpha=st.sampled_from(["1", "1.0", '"x"']), created=st.integers(0, 9))
    def begin(self, flow: str, tags: list[str], alpha: str, created: int) -> RunId:
        new = new_run(flow, tags=tuple(filter(None, tags)), parameters={"alpha": alpha}, created=float(created))
        run: RunId = self.both(lambda store: store.begin_run(new))
        self.attempts[run] = {}
        return run

    @rule(run=runs, step=STEPS, path=PATHS, count=st.integers(1, 4), data=st.data())
    def work(self, run: RunId, step: str, path: tuple[int, ...], count: int, data: st.DataObject) -> None:
        """New tasks start, and older ones end, start again, or stay as they are; all in one batch."""
        tasks = self.attempts[run]
        events: list[Any] = [TasksExpected(time=1.0, step=step, count=count)]
        for _ in range(count):
            number = len(tasks) + 1
            tasks[number] = 0, step, path, True
            events.append(started(number, step, path=path))
        for number, (attempt, of, where, running) in list(tasks.items()):
            if running and data.draw(st.booleans()):
                state, body = data.draw(ENDS), data.draw(st.binary(max_size=3))
                changes: dict[str, Any] = {"path": where, "attempt": attempt, "state": state}
                events.append(ended(number, of, manifest=body, manifest_digest=digest_of(body), **changes))
                tasks[number] = attempt, of, where, False
            elif not running and data.draw(st.integers(0, 3)) == 0:
                events.append(started(number, of, path=where, attempt=attempt + 1))
                tasks[number] = attempt + 1, of, where, True
        self.both(lambda store: store.append(run, events))

    @rule(run=consumes(runs), state=ENDS)
    def end(self, run: RunId, state: State) -> None:
        self.both(lambda store: store.append(run, [RunEnded(time=99.0, run=run, state=state, reason="so")]))

    @rule(run=runs, add=TAGS, remove=TAGS)
    def tag(self, run: RunId, add: list[str], remove: list[str]) -> None:
        self.both(lambda store: store.mutate_tags(run, add, remove))

    @rule(
        flow=st.none() | FLOWS,
        states=STATES,
        tags=TAGS,
        alpha=st.none() | st.sampled_from(["1", '"x"']),
        after=st.none() | st.integers(0, 9),
        limit=LIMITS,
        offset=st.integers(0, 3),
    )
    def find_runs(self, alpha: str | None, after: int | None, tags: list[str], **conditions: Any) -> None:
        parameters = {} if alpha is None else {"alpha": alpha}
        query = RunQuery(parameters=parameters, created_after=after, tags=tuple(tags), **conditions)
        self.both(lambda store: store.runs(query))

    @rule(
        run=runs,
        step=st.none() | STEPS,
        states=STATES,
        path=st.none() | PATHS,
        below=st.none() | PATHS,
        numbers=st.none() | st.lists(st.integers(1, 9), max_size=4).map(tuple),
        newest_first=st.booleans(),
        limit=LIMITS,
        offset=st.integers(0, 3),
        with_manifests=st.booleans(),
    )
    def find_tasks(self, run: RunId, **conditions: Any) -> None:
        self.both(lambda store: list(store.tasks(run, TaskQuery(**conditions))))

    @invariant()
    def they_tell_the_same(self) -> None:
        self.both(lambda store: store.flows())
        for record in self.both(lambda store: store.runs(RunQuery())):
            self.both(lambda store, run=record.id: store.run(run))
            self.both(lambda store, run=record.id: store.count_tasks(run))
            self.both(lambda store, run=record.id: list(store.tasks(run, TaskQuery(with_manifests=True))))


TestTwins = Twins.TestCase
TestTwins.settings = settings(max_examples=12, stateful_step_count=20, deadline=None)
