"""Tests of `metadata.sqlite`: many processes at once, forks, crashes, damage, full disks, older and newer files."""

import os
import signal
import sqlite3
import stat
import subprocess
import sys
import textwrap
import threading
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flagstone.metadata import sqlite
from flagstone.metadata.dialect import newest_version
from flagstone.metadata.sqlite import SqliteMetadataStore
from flagstone.model.errors import CorruptDatabase, NewerFormat, StorageFull, UnusableHome, WriteConflict
from flagstone.model.events import RunEnded
from flagstone.model.ids import RunId
from flagstone.model.records import RunQuery, TaskQuery
from flagstone.model.states import State
from flagstone.testing.samples import ended, new_run, started


def opened(home: Path) -> SqliteMetadataStore:
    return SqliteMetadataStore(home / "flagstone.db", home / "locks")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteMetadataStore]:
    """A store in a home that is not there yet."""
    store = opened(tmp_path / "home")
    yield store
    store.close()


def begun_by_another(home: Path, then: str) -> subprocess.Popen[str]:
    """A process that begins a run with one running task, says so, and goes on with `then`."""
    script = f"""
    import os, sys, time
    from pathlib import Path
    from flagstone.metadata.sqlite import SqliteMetadataStore
    from flagstone.model.events import RunEnded
    from flagstone.model.states import State
    from flagstone.testing.samples import ended, new_run, started
    home = Path({str(home)!r})
    store = SqliteMetadataStore(home / "flagstone.db", home / "locks")
    run = store.begin_run(new_run())
    store.append(run, [started(1)])
    print("begun", flush=True)
    """
    code = textwrap.dedent(script) + then
    return subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


# --- processes --------------------------------------------------------------------------------------------------


def test_a_run_of_a_killed_process_is_lost_at_once_for_every_reader(tmp_path: Path) -> None:
    engine = begun_by_another(tmp_path, "time.sleep(60)")
    assert said(engine) == "begun"
    reader = opened(tmp_path)
    before = reader.runs(RunQuery())[0].state

    engine.send_signal(signal.SIGKILL)
    engine.wait()

    assert before is State.RUNNING
    assert [record.state for record in reader.runs(RunQuery())] == [State.LOST]
    assert [record.state for record in opened(tmp_path).runs(RunQuery(states=(State.LOST,)))] == [State.LOST]
    assert [task.state for task in reader.tasks(RunId("Tidal", 1), TaskQuery())] == [State.LOST]
    assert reader.begin_run(new_run()) == RunId("Tidal", 2)
    reader.close()
    engine.communicate()


def test_a_run_that_ends_while_it_is_read_is_never_taken_for_lost(tmp_path: Path) -> None:
    engine = begun_by_another(
        tmp_path,
        textwrap.dedent("""
        for _ in range(60):
            store.append(run, [ended(1), RunEnded(time=1.0, run=run, state=State.SUCCEEDED)])
            run = store.begin_run(new_run())
        store.append(run, [RunEnded(time=1.0, run=run, state=State.SUCCEEDED)])
        """),
    )
    assert said(engine) == "begun"
    reader = opened(tmp_path)

    seen: set[State] = set()
    while engine.poll() is None:
        seen |= {record.state for record in reader.runs(RunQuery())}

    assert engine.returncode == 0
    assert seen <= {State.RUNNING, State.SUCCEEDED}
    assert {record.state for record in reader.runs(RunQuery())} == {State.SUCCEEDED}
    reader.close()
    engine.communicate()


def test_sixteen_runs_and_eight_readers_at_once_lose_nothing_and_never_find_it_locked(tmp_path: Path) -> None:
    children = []
    for place in range(24):
        child = os.fork()
        if child == 0:
            os._exit(_run_or_read(tmp_path, place))
        children.append(child)

    codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]

    assert codes == [0] * 24
    store = opened(tmp_path)
    assert sorted(record.id.number for record in store.runs(RunQuery())) == list(range(1, 17))
    for record in store.runs(RunQuery()):
        assert record.state is State.SUCCEEDED
        assert store.count_tasks(record.id)["start"]["succeeded"] == 100
        assert len(list(store.tasks(record.id, TaskQuery()))) == 100
    store.close()


def _run_or_read(home: Path, place: int) -> int:
    try:
        store = opened(home)
        if place < 16:
            run = store.begin_run(new_run())
            for first in range(1, 101, 10):
                store.append(run, [event for n in range(first, first + 10) for event in (started(n), ended(n))])
            store.append(run, [RunEnded(time=1.0, run=run, state=State.SUCCEEDED)])
        else:
            for _ in range(20):
                for record in store.runs(RunQuery()):
                    counted = store.count_tasks(record.id).get("start", {}).get("succeeded", 0)
                    if counted > len(list(store.tasks(record.id, TaskQuery()))):
                        return 2
        store.close()
    except BaseException:  # noqa: BLE001 - a forked child must not fall into its parent's tests
        traceback.print_exc()
        return 1
    return 0


def test_a_store_that_was_open_before_a_fork_works_in_both_processes(store: SqliteMetadataStore) -> None:
    run = store.begin_run(new_run())

    child = os.fork()
    if child == 0:
        seen = store.run(run)
        other = store.begin_run(new_run("Forked"))
        store.append(other, [RunEnded(time=1.0, run=other, state=State.FAILED)])
        fine = seen is not None and seen.state is State.RUNNING
        try:
            store.append(run, [ended(9)])
        except WriteConflict:
            store.close()
            os._exit(0 if fine else 1)
        os._exit(2)
    _, code = os.waitpid(child, 0)

    assert code == 0
    record = store.run(run)
    assert record is not None
    assert record.state is State.RUNNING
    store.append(run, [ended(1)])
    assert [str(found.id) for found in store.runs(RunQuery())] == ["Forked/1", "Tidal/1"]


def test_threads_use_the_same_store(store: SqliteMetadataStore) -> None:
    run = store.begin_run(new_run())
    failures: list[BaseException] = []

    def write(first: int) -> None:
        try:
            for number in range(first, first + 20):
                store.append(run, [ended(number)])
        except BaseException as error:  # noqa: BLE001 - reported by the assertion below
            failures.append(error)

    threads = [threading.Thread(target=write, args=(100 * place,)) for place in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert store.count_tasks(run)["start"]["succeeded"] == 80


def test_a_closed_store_gives_up_its_runs_and_opens_again_when_it_is_asked(store: SqliteMetadataStore) -> None:
    run = store.begin_run(new_run())

    store.close()

    record = store.run(run)
    assert record is not None
    assert record.state is State.LOST


def test_a_failed_append_leaves_nothing_behind(store: SqliteMetadataStore) -> None:
    run = store.begin_run(new_run())
    store.append(run, [ended(1)])
    broken: Any = ended(3, label=object())

    with pytest.raises(TypeError):
        store.append(run, [ended(2, "other"), broken])
    store.append(run, [ended(2)])

    assert [task.id.number for task in store.tasks(run, TaskQuery())] == [1, 2]
    assert store.count_tasks(run) == {"start": {"succeeded": 2, "expected": 0, "started": 10.0, "finished": 20.0}}


# --- the file ---------------------------------------------------------------------------------------------------


def test_the_files_are_their_owners_alone(store: SqliteMetadataStore, tmp_path: Path) -> None:
    store.begin_run(new_run())

    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in sorted((tmp_path / "home").rglob("*"))}

    assert {mode for name, mode in modes.items() if name != "locks"} == {0o600}
    assert modes["locks"] == stat.S_IMODE((tmp_path / "home").stat().st_mode) == 0o700


def test_a_commit_is_durable_and_readers_do_not_wait(store: SqliteMetadataStore, tmp_path: Path) -> None:
    store.begin_run(new_run())
    connection = store._database._connection()  # type: ignore[attr-defined]  # the settings can be seen nowhere else

    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert (tmp_path / "home" / "flagstone.db-wal").exists()


def test_a_file_of_a_newer_version_is_left_alone(store: SqliteMetadataStore, tmp_path: Path) -> None:
    store.begin_run(new_run())
    store.close()
    path = tmp_path / "home" / "flagstone.db"
    with sqlite3.connect(path) as other:
        other.execute(f"PRAGMA user_version = {newest_version() + 1}")
    other.close()
    before = path.read_bytes()

    with pytest.raises(NewerFormat, match=r"(?i)pip install --upgrade"):
        store.runs(RunQuery())

    assert path.read_bytes() == before


def test_an_empty_file_is_brought_up_to_date(tmp_path: Path) -> None:
    (tmp_path / "flagstone.db").touch()
    store = opened(tmp_path)

    assert store.begin_run(new_run()) == RunId("Tidal", 1)

    store.close()


@pytest.mark.parametrize("damage", ["not a database", "torn pages"])
def test_a_damaged_file_is_an_error_that_names_it(store: SqliteMetadataStore, tmp_path: Path, damage: str) -> None:
    run = store.begin_run(new_run())
    store.append(run, [ended(number, label="x" * 100) for number in range(500)])
    store.close()
    path = tmp_path / "home" / "flagstone.db"
    whole = path.read_bytes()
    path.write_bytes(b"hello" * 1000 if damage == "not a database" else whole[:4096] + b"\xff" * (len(whole) - 4096))

    with pytest.raises(CorruptDatabase, match=r"flagstone\.db"):
        list(store.tasks(run, TaskQuery()))


@pytest.mark.parametrize("what", ["a file stands where the home should be", "a directory stands where the file should"])
def test_an_unusable_home_is_an_error_that_names_it(tmp_path: Path, what: str) -> None:
    home = tmp_path / "home"
    if what.startswith("a file"):
        home.touch()
    else:
        (home / "flagstone.db").mkdir(parents=True)

    with pytest.raises(UnusableHome, match=r"flagstone\.db.*FLAGSTONE_HOME"):
        opened(home).runs(RunQuery())


def test_locks_that_cannot_be_made_are_an_error_and_no_run_is_left(store: SqliteMetadataStore, tmp_path: Path) -> None:
    store.runs(RunQuery())
    (tmp_path / "home" / "locks").touch()

    with pytest.raises(UnusableHome, match="locks"):
        store.begin_run(new_run())

    assert store.runs(RunQuery()) == []
    assert store.flows() == []


def test_a_full_disk_is_said_and_what_was_recorded_stays(store: SqliteMetadataStore) -> None:
    run = store.begin_run(new_run())
    store.append(run, [ended(1)])
    connection = store._database._connection()  # type: ignore[attr-defined]  # the one that the store writes with
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages}")  # SQLite then says what it says on a full disk

    with pytest.raises(StorageFull, match="no space left"):
        store.append(run, [ended(number, label="x" * 1000) for number in range(2, 100)])

    assert [task.id.number for task in store.tasks(run, TaskQuery())] == [1]
    connection.execute("PRAGMA max_page_count = 1000000")
    store.append(run, [ended(2)])


def test_a_database_that_stays_locked_says_so(store: SqliteMetadataStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "_PATIENCE", 0.05)
    run = store.begin_run(new_run())
    other = sqlite3.connect(store._database._path, isolation_level=None)  # type: ignore[attr-defined]  # from outside
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(WriteConflict, match="busy"):
        store.append(run, [ended(1)])

    other.execute("ROLLBACK")
    other.close()
    store.append(run, [ended(1)])


def test_ten_thousand_tasks_take_little_room_for_each(store: SqliteMetadataStore, tmp_path: Path) -> None:
    run = store.begin_run(new_run())
    count = 10_000

    for first in range(0, count, 1000):
        numbers = range(first + 1, first + 1001)
        store.append(run, [ended(n, "work", path=(n,), label=str(n), targets=("join",)) for n in numbers])
    store.close()

    assert (tmp_path / "home" / "flagstone.db").stat().st_size / count < 200
