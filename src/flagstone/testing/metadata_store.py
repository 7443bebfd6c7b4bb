"""What every metadata store must do, as tests: bind `MetadataStoreContract` to a store and run it with pytest."""

import itertools
from typing import Any

import msgspec
import pytest

from flagstone.model.artifacts import Split
from flagstone.model.errors import InvalidTag, NotFound, WriteConflict
from flagstone.model.events import Notice, RunEnded, TasksExpected
from flagstone.model.ids import RunId, TaskId
from flagstone.model.jobs import Failure, LogSpan, Usage
from flagstone.model.records import NewRun, RunQuery, TaskQuery, TaskRecord
from flagstone.model.states import State
from flagstone.ports.metadata_store import MetadataStore
from flagstone.testing.metadata_attempts import AttemptsContract
from flagstone.testing.metadata_forgetting import ForgettingContract
from flagstone.testing.metadata_importing import ImportingContract
from flagstone.testing.samples import PLAN, ended, new_run, started


class MetadataStoreContract(AttemptsContract, ForgettingContract, ImportingContract):
    """Derive, and say how a store is made and how a run's process dies."""

    def begin_and_vanish(self, store: MetadataStore, new: NewRun, *events: Any) -> RunId:
        """Begin a run and append `events` in a process that then dies without ending it; `store` reads it."""
        raise NotImplementedError

    # --- runs ---------------------------------------------------------------------------------------------------

    def test_run_numbers_count_up_within_each_flow(self, store: MetadataStore) -> None:
        runs = [store.begin_run(new_run(flow)) for flow in ("Tidal", "Solar", "Tidal")]

        assert runs == [RunId("Tidal", 1), RunId("Solar", 1), RunId("Tidal", 2)]

    def test_a_run_reads_back_as_it_was_begun(self, store: MetadataStore) -> None:
        new = new_run(tags=("mine",), parameters={"alpha": "3"}, origin=RunId("Tidal", 7), constants=b"\x91\x80")

        record = store.run(store.begin_run(new))

        assert record is not None
        assert record.id == RunId("Tidal", 1)
        assert record.state is State.RUNNING
        assert (record.user, record.namespace, record.created, record.finished) == ("ada", "user:ada", 1_000.0, None)
        assert (record.tags, record.system_tags) == (("mine",), ("user:ada",))
        assert record.parameters == {"alpha": "3"}
        assert (record.origin, record.constants) == (RunId("Tidal", 7), b"\x91\x80")
        assert store.plan(record.plan_digest) == PLAN

    def test_what_is_not_there_is_not_there(self, store: MetadataStore) -> None:
        run = RunId("Tidal", 1)

        assert store.run(run) is None
        assert store.runs(RunQuery()) == []
        assert store.flows() == []
        assert list(store.tasks(run, TaskQuery())) == []
        assert store.count_tasks(run) == {}
        with pytest.raises(KeyError):
            store.plan(bytes(32))

    def test_runs_with_a_tag_can_be_left_out(self, store: MetadataStore) -> None:
        plain = store.begin_run(new_run())
        store.begin_run(new_run(tags=("odd",)))

        found = store.runs(RunQuery(flow="Tidal", without=("odd", "absent")))

        assert [record.id for record in found] == [plain]

    @pytest.mark.parametrize("state", [State.SUCCEEDED, State.FAILED, State.CANCELLED])
    def test_the_end_of_a_run_is_recorded(self, store: MetadataStore, state: State) -> None:
        run = store.begin_run(new_run())

        store.append(run, [RunEnded(time=30.0, run=run, state=state, reason="because")])

        record = store.run(run)
        assert record is not None
        assert (record.state, record.finished, record.reason) == (state, 30.0, "because")

    def test_nothing_is_recorded_after_the_end_nor_of_a_run_that_nobody_began(self, store: MetadataStore) -> None:
        run = store.begin_run(new_run())
        store.append(run, [RunEnded(time=30.0, run=run, state=State.SUCCEEDED)])

        for refused in (run, RunId("Tidal", 99)):
            with pytest.raises(WriteConflict, match="only the process that began a run"):
                store.append(refused, [ended(1)])
        assert list(store.tasks(run, TaskQuery())) == []

    def test_events_without_a_record_are_welcome_at_any_time(self, store: MetadataStore) -> None:
        run = store.begin_run(new_run())
        store.append(run, [RunEnded(time=30.0, run=run, state=State.SUCCEEDED)])

        store.append(run, [Notice(time=31.0, text="goodbye")])
        store.append(run, [])

    def test_a_run_whose_process_vanished_is_lost_and_so_are_its_running_tasks(self, store: MetadataStore) -> None:
        run = self.begin_and_vanish(store, new_run(), started(1), ended(1), started(2))

        record = store.run(run)
        assert record is not None
        assert record.state is State.LOST
        assert [task.state for task in store.tasks(run, TaskQuery())] == [State.SUCCEEDED, State.LOST]
        assert [task.id.number for task in store.tasks(run, TaskQuery(states=(State.LOST,)))] == [2]
        assert list(store.tasks(run, TaskQuery(states=(State.RUNNING,)))) == []
        counts = store.count_tasks(run)["start"]
        assert (counts["succeeded"], counts["lost"]) == (1, 1)
        assert "running" not in counts

    def test_lost_and_running_runs_are_told_apart_when_one_asks_for_either(self, store: MetadataStore) -> None:
        lost = self.begin_and_vanish(store, new_run())
        running = store.begin_run(new_run())
        done = store.begin_run(new_run())
        store.append(done, [RunEnded(time=30.0, run=done, state=State.FAILED)])

        def ids(*states: State, limit: int | None = None, offset: int = 0) -> list[RunId]:
            return [record.id for record in store.runs(RunQuery(states=states, limit=limit, offset=offset))]

        assert ids(State.LOST) == [lost]
        assert ids(State.RUNNING) == [running]
        assert ids(State.RUNNING, State.LOST) == [running, lost]
        assert ids(State.FAILED, State.LOST) == [done, lost]
        assert ids(State.FAILED, State.LOST, limit=1) == [done]
        assert ids(State.FAILED, State.LOST, limit=1, offset=1) == [lost]

    def test_runs_come_newest_first_in_slices(self, store: MetadataStore) -> None:
        for flow in ("Tidal", "Solar", "Tidal", "Tidal"):
            store.begin_run(new_run(flow))

        tidal = [record.id.number for record in store.runs(RunQuery(flow="Tidal"))]

        assert tidal == [3, 2, 1]
        assert [str(record.id) for record in store.runs(RunQuery(limit=2, offset=1))] == ["Tidal/2", "Solar/1"]
        assert store.runs(RunQuery(limit=0)) == []
        assert store.flows() == ["Tidal", "Solar"]

    def test_runs_are_found_by_what_is_known_about_them(self, store: MetadataStore) -> None:
        store.begin_run(new_run(created=100.0, tags=("good", "new"), parameters={"alpha": "3"}))
        store.begin_run(new_run(created=200.0, tags=("good",), parameters={"alpha": "4", "b": '{"x":1,"y":[2]}'}))
        store.begin_run(new_run(created=300.0, user="bob", namespace="team", system_tags=("user:bob",)))

        def numbers(**conditions: Any) -> list[int]:
            return [record.id.number for record in store.runs(RunQuery(**conditions))]

        assert numbers(tags=("good",)) == [2, 1]
        assert numbers(tags=("good", "new")) == [1]
        assert numbers(tags=("user:ada",)) == [2, 1]
        assert numbers(user="bob") == [3]
        assert numbers(created_after=100.0, created_before=300.0) == [2]
        assert numbers(parameters={"alpha": "3"}) == [1]
        assert numbers(parameters={"alpha": "3.0"}) == [1]
        assert numbers(parameters={"b": '{ "y": [2], "x": 1 }', "alpha": "4"}) == [2]
        assert numbers(parameters={"alpha": '"3"'}) == []
        assert numbers(namespace="user:ada") == [2, 1]
        assert numbers(namespace="user:bob") == [3]
        assert numbers(namespace="team") == [3]

    def test_long_parameters_are_kept_and_found(self, store: MetadataStore) -> None:
        text = msgspec.json.encode("x" * 100_000).decode()
        run = store.begin_run(new_run(parameters={"text": text}))

        record = store.run(run)

        assert record is not None
        assert record.parameters == {"text": text}
        assert [found.id for found in store.runs(RunQuery(parameters={"text": text}))] == [run]
        assert store.runs(RunQuery(parameters={"text": text[:-2] + 'y"'})) == []

    # --- tags ---------------------------------------------------------------------------------------------------

    def test_tags_are_removed_and_added(self, store: MetadataStore) -> None:
        run = store.begin_run(new_run(tags=("a", "b")))

        record = store.mutate_tags(run, ["c", "a"], ["b", "never there"])

        assert record.tags == ("a", "c")
        assert record == store.run(run)
        assert [found.id for found in store.runs(RunQuery(tags=("c",)))] == [run]
        assert store.runs(RunQuery(tags=("b",))) == []

    def test_any_text_is_a_tag(self, store: MetadataStore) -> None:
        odd = ["../../etc/passwd", "<script>alert(1)</script>", "Größe 🎉", "a'b\"c; DROP TABLE runs", "\n", "x" * 500]
        run = store.begin_run(new_run())

        record = store.mutate_tags(run, odd, [])

        assert record.tags == tuple(odd)
        for tag in odd:
            assert [found.id for found in store.runs(RunQuery(tags=(tag,)))] == [run]

    def test_a_system_tag_stays(self, store: MetadataStore) -> None:
        run = store.begin_run(new_run(tags=("user:ada", "mine")))

        assert store.mutate_tags(run, ["user:ada"], []).tags == ("mine",)
        with pytest.raises(InvalidTag, match="system tag"):
            store.mutate_tags(run, ["other"], ["user:ada"])
        record = store.run(run)
        assert record is not None
        assert (record.tags, record.system_tags) == (("mine",), ("user:ada",))

    @pytest.mark.parametrize("tag", ["", "x" * 501, "\ud800"])
    def test_a_tag_that_is_none_is_refused_and_nothing_changes(self, store: MetadataStore, tag: str) -> None:
        run = store.begin_run(new_run(tags=("a",)))

        with pytest.raises(InvalidTag):
            store.mutate_tags(run, ["fine", tag], ["a"])
        with pytest.raises(InvalidTag):
            store.begin_run(new_run(tags=(tag,)))
        record = store.run(run)
        assert record is not None
        assert record.tags == ("a",)
        assert store.begin_run(new_run()) == RunId("Tidal", 2)

    def test_fifty_tags_are_enough(self, store: MetadataStore) -> None:
        run = store.begin_run(new_run())
        store.mutate_tags(run, [f"tag {i}" for i in range(50)], [])

        with pytest.raises(InvalidTag, match="at most 50"):
            store.mutate_tags(run, ["one more"], [])

        assert "one more" in store.mutate_tags(run, ["one more"], ["tag 0"]).tags

    def test_tags_of_no_run_are_not_found(self, store: MetadataStore) -> None:
        with pytest.raises(NotFound, match="Tidal/5"):
            store.mutate_tags(RunId("Tidal", 5), ["a"], [])

    # --- tasks --------------------------------------------------------------------------------------------------

    def test_a_running_attempt_and_its_end_are_one_task(self, store: MetadataStore) -> None:
        run = store.begin_run(new_run())
        span = LogSpan("0.out", "0.err", 5, 6)
        store.append(run, [started(1, log=span, path=(3, 1))])
        running = _only(store, run)
        store.append(run, [ended(1, path=(3, 1))])

        assert (running.state, running.started, running.finished, running.pid) == (State.RUNNING, 10.0, None, 77)
        assert (running.path, running.log) == ((3, 1), span)
        done = _only(store, run)
        assert (done.state, done.started, done.finished, done.path) == (State.SUCCEEDED, 10.0, 20.0, (3, 1))

    def test_everything_that_the_end_of_an_attempt_tells_reads_back(self, store: MetadataStore) -> None:
        run = store.begin_run(new_run())
        event = ended(
            4,
            "work",
            path=(0, 12),
            state=State.FAILED,
            targets=("join", "other"),
            split=Split("items", 3, 128, (0, 9), b"123456789", None),
            label="a small label",
            reads=("alpha",),
            failure=Failure("builtins.ValueError", "no", "Traceback", "f.py", 3, "a hint", ours=True),
            log=LogSpan("0.out", "0.err", 0, 0, 10, 20),
            stamps=b"x" * 24,
            usage=Usage(1.5, 1 << 33),
            origin=RunId("Tidal", 12),
            origin_number=9,
            manifest=b"\x91\x81\xa1x\xc0",
            manifest_digest=b"m" * 32,
        )

        store.append(run, [event])

        [task] = store.tasks(run, TaskQuery(with_manifests=True))
        assert task.id == TaskId(run, "work", 4)
        for name in TaskRecord.__struct_fields__:
            if name not in ("id", "finished", "pid"):
                assert getattr(task, name) == getattr(event, name), name
        assert (task.finished, task.pid) == (20.0, 0)
        assert _only(store, run) == msgspec.structs.replace(task, manifest=b"")

    def test_a_manifest_in_the_blob_store_is_named_and_has_no_body(self, store: MetadataStore) -> None:
        run = store.begin_run(new_run())

        store.append(run, [ended(1, manifest=b"", manifest_digest=b"b" * 32)])
        store.append(run, [ended(2, manifest=b"", manifest_digest=b"", state=State.LOST)])

        tasks = list(store.tasks(run, TaskQuery(with_manifests=True)))
        assert [(task.manifest_digest, task.manifest) for task in tasks] == [(b"b" * 32, b""), (b"", b"")]

    def test_a_retried_task_reads_as_its_newest_attempt_and_counts_once(self, store: MetadataStore) -> None:
        run = store.begin_run(new_run())
        store.append(run, [started(1), ended(1, state=State.FAILED, will_retry=True)])
        store.append(run, [started(1, attempt=1)])
        retried = _only(store, run)
        counts = store.count_tasks(run)["start"]
        store.append(run, [ended(1, attempt=1), started(2), ended(2, state=State.FAILED), started(2, attempt=1)])

        assert (retried.attempt, retried.state) == (1, State.RUNNING)
        assert counts["running"] == 1
        assert "failed" not in counts
        assert [(t.attempt, t.state) for t in store.tasks(run, TaskQuery())] == [
            (1, State.SUCCEEDED),
            (1, State.RUNNING),
        ]
        assert list(store.tasks(run, TaskQuery(states=(State.FAILED,)))) == []

    def test_steps_are_counted_in_the_order_in_which_they_came_up(self, store: MetadataStore) -> None:
        run = store.begin_run(new_run())
        store.append(run, [TasksExpected(time=1.0, step="start", count=1), started(1), ended(1)])
        store.append(
            run, [TasksExpected(time=1.0, step="work", count=2), TasksExpected(time=1.0, step="work", count=3)]
        )
        store.append(run, [TasksExpected(time=1.0, step="join", count=1)])
        store.append(run, [started(2, "work", time=21.0), ended(2, "work", started=21.0, time=25.0)])
        store.append(run, [started(3, "work", time=20.5)])

        counts = store.count_tasks(run)

        assert list(counts) == ["start", "work", "join"]
        assert counts["start"] == {"succeeded": 1, "expected": 1, "started": 10.0, "finished": 20.0}
        assert counts["work"] == {"succeeded": 1, "running": 1, "expected": 5, "started": 20.5, "finished": 25.0}
        assert counts["join"] == {"expected": 1}

    def test_a_cloned_task_counts_but_its_times_belong_to_the_origin(self, store: MetadataStore) -> None:
        run = store.begin_run(new_run())

        store.append(run, [ended(1, origin=RunId("Tidal", 9), origin_number=4)])

        assert store.count_tasks(run) == {"start": {"succeeded": 1, "expected": 0}}

    def test_tasks_are_found_by_step_number_state_and_path(self, store: MetadataStore) -> None:
        run = store.begin_run(new_run())
        numbers = itertools.count(1)
        paths: list[tuple[str, tuple[int, ...]]] = [("start", ())]
        paths += [("outer", (i,)) for i in (0, 1, 12)]
        paths += [("inner", (i, j)) for i in (0, 1, 12) for j in (0, 1, 2)]
        paths += [("join", (i,)) for i in (0, 1, 12)]
        store.append(run, [ended(next(numbers), step, path=path) for step, path in paths])
        store.append(run, [ended(next(numbers), "end", state=State.CANCELLED)])

        def found(**conditions: Any) -> list[int]:
            return [task.id.number for task in store.tasks(run, TaskQuery(**conditions))]

        everything = list(range(1, len(paths) + 2))
        assert found() == everything
        assert found(newest_first=True) == everything[::-1]
        assert found(step="inner") == list(range(5, 14))
        assert found(step="nowhere") == []
        assert found(numbers=(7, 3, 3, 999)) == [3, 7]
        assert found(numbers=(7, 3), newest_first=True) == [7, 3]
        assert found(numbers=(7, 3), step="inner") == [7]
        assert found(numbers=()) == []
        assert found(states=(State.CANCELLED, State.FAILED)) == [17]
        assert found(states=(State.SUCCEEDED, State.CANCELLED)) == everything
        assert found(path=()) == [1, 17]
        assert found(path=(1,)) == [3, 15]
        assert found(path=(1,), step="join") == [15]
        assert found(path=(1, 2)) == [10]
        assert found(below=()) == [2, 3, 4, 14, 15, 16]
        assert found(below=(), step="outer") == [2, 3, 4]
        assert found(below=(1,)) == [8, 9, 10]
        assert found(below=(1,), step="inner", newest_first=True) == [10, 9, 8]
        assert found(below=(1,), limit=1, offset=1) == [9]
        assert found(below=(1, 2)) == []

    @pytest.mark.parametrize("newest_first", [False, True])
    def test_many_tasks_come_in_slices_without_a_gap(self, store: MetadataStore, newest_first: bool) -> None:
        run = store.begin_run(new_run())
        store.append(run, [ended(number, path=(number,)) for number in range(1, 1301)])
        everything = list(range(1300, 0, -1)) if newest_first else list(range(1, 1301))

        def found(**conditions: Any) -> list[int]:
            query = TaskQuery(step="start", newest_first=newest_first, **conditions)
            return [task.id.number for task in store.tasks(run, query)]

        assert found() == everything
        assert found(below=()) == everything
        assert found(numbers=tuple(range(1, 1301))) == everything
        assert found(limit=1100, offset=150) == everything[150:1250]
        assert found(offset=1299) == everything[-1:]
        assert found(limit=0) == []

    def test_runs_do_not_see_each_others_tasks(self, store: MetadataStore) -> None:
        one, other = store.begin_run(new_run()), store.begin_run(new_run())

        store.append(one, [ended(1), ended(2)])
        store.append(other, [ended(1, state=State.FAILED)])

        assert [task.id.run for task in store.tasks(one, TaskQuery())] == [one, one]
        assert _only(store, other).state is State.FAILED
        assert store.count_tasks(other)["start"]["failed"] == 1


def _only(store: MetadataStore, run: RunId) -> TaskRecord:
    [task] = store.tasks(run, TaskQuery())
    return task
