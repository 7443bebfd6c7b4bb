"""Faults strike at the action that was named, in the process that was named, and leave a log of all actions."""

import errno
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from flagstone.kit import clock, frames
from flagstone.kit.files import publish
from flagstone.testing.faults import Fault, command, cuts, inject, read_log, rebuild

WRITER = """
import os, sys
from pathlib import Path
from flagstone.kit.files import publish

for word in sys.argv[1:]:
    pid = os.fork()
    if pid == 0:
        publish(Path(word), [word.encode() * 10])
        os._exit(0)
    os.waitpid(pid, 0)
publish(Path("last"), [b"last"])
"""


def start(folder: Path, *faults: Fault) -> int:
    """Run the script above in `folder` under faults; its exit status."""
    (folder / "writer.py").write_text(WRITER)
    words = [*command(*faults, log=folder / "log", under=folder), "writer.py", "one", "two"]
    return subprocess.run(words, cwd=folder, capture_output=True, check=False).returncode


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - {"writer.py", "log"}


def test_every_action_of_every_process_is_in_the_log_in_its_order(tmp_path: Path) -> None:
    assert start(tmp_path) == 0

    kinds = [(one.role, one.kind) for one in read_log(tmp_path / "log")]
    first = ["born", "open", "write", "fsync", "rename", "fsync", "exit"]
    assert kinds[:8] == [("engine", "fork"), *(("zygote", kind) for kind in first)]
    assert kinds[-5:] == [("engine", kind) for kind in ("open", "write", "fsync", "rename", "fsync")]
    assert [one.number for one in read_log(tmp_path / "log")] == list(range(1, len(kinds) + 1))


@pytest.mark.parametrize(
    ("fault", "status", "left"),
    [
        (Fault(kind="rename", nth=2), 0, {"one", "last"}),
        (Fault(kind="rename", nth=2, when="after"), 0, {"one", "two", "last"}),
        (Fault(kind="rename", nth=2, victim="engine"), -signal.SIGKILL, {"one"}),
        (Fault(kind="rename", nth=2, victim="all"), -signal.SIGKILL, {"one"}),
        (Fault(role="engine", kind="write"), -signal.SIGKILL, {"one", "two"}),
    ],
)
def test_the_process_dies_at_the_very_action(tmp_path: Path, fault: Fault, status: int, left: set[str]) -> None:
    assert start(tmp_path, fault) == status

    deadline = time.monotonic() + 20  # a process that is killed from elsewhere may take its last step first
    while fault.victim == "engine" and "two" not in names(tmp_path) and time.monotonic() < deadline:
        time.sleep(0.02)
    there = {name for name in names(tmp_path) if not name.endswith(".tmp")}
    assert there - {"two"} == left - {"two"}
    assert ("two" in there) is ("two" in left or fault.victim == "engine")


def test_a_torn_write_leaves_its_first_half(tmp_path: Path) -> None:
    start(tmp_path, Fault(do="tear", kind="write", where="two"))

    (torn,) = tmp_path.glob(".two.*.tmp")
    assert torn.read_bytes() == b"two" * 5
    assert names(tmp_path) == {"one", "last", torn.name}


def test_a_full_disk_stays_full_where_that_is_said(tmp_path: Path) -> None:
    with inject(Fault(do="ENOSPC", kind="write", nth=2, lasting=True), log=tmp_path / "log", under=tmp_path):
        publish(tmp_path / "one", [b"1"])
        for name in ("two", "three"):
            with pytest.raises(OSError, match="No space left") as caught:
                publish(tmp_path / name, [b"2"])
            assert caught.value.errno == errno.ENOSPC
    publish(tmp_path / "four", [b"4"])

    assert names(tmp_path) == {"one", "four"}


def test_one_error_of_the_disk_is_one(tmp_path: Path) -> None:
    with inject(Fault(do="EIO", kind="fsync"), log=tmp_path / "log", under=tmp_path):
        with pytest.raises(OSError, match="Input/output"):
            publish(tmp_path / "one", [b"1"])
        publish(tmp_path / "one", [b"1"])


@pytest.mark.parametrize(
    ("name", "code"),
    [("ENOSPC", "SQLITE_FULL"), ("EROFS", "SQLITE_READONLY"), ("EIO", "SQLITE_IOERR")],
)
def test_the_database_says_what_failed_in_its_own_words(tmp_path: Path, name: str, code: str) -> None:
    with inject(Fault(do=name, kind="commit"), log=tmp_path / "log", under=tmp_path):
        connection = sqlite3.connect(tmp_path / "db", isolation_level=None)
        connection.execute("CREATE TABLE t (x)")
        connection.execute("BEGIN")
        connection.execute("INSERT INTO t VALUES (1)")
        with pytest.raises(sqlite3.OperationalError) as caught:
            connection.commit()
        connection.rollback()
        assert connection.execute("SELECT * FROM t").fetchall() == []
        connection.close()

    assert caught.value.sqlite_errorname == code


def test_messages_are_lost_and_doubled(tmp_path: Path) -> None:
    faults = Fault(do="lose", kind="send", nth=2), Fault(do="double", kind="send", nth=3)
    ours, theirs = frames.pair()
    with inject(*faults, log=tmp_path / "log"):
        for word in (b"one", b"two", b"three"):
            frames.send(ours, word)
    os.close(ours)

    heard = [frames.receive(theirs) for _ in range(4)]
    os.close(theirs)
    assert heard == [b"one", b"three", b"three", None]


def test_a_late_message_takes_its_time(tmp_path: Path) -> None:
    ours, theirs = frames.pair()
    with inject(Fault(do="late", kind="send", seconds=0.2), log=tmp_path / "log"):
        began = time.monotonic()
        frames.send(ours, b"one")
    assert time.monotonic() - began >= 0.2
    assert frames.receive(theirs) == b"one"
    os.close(ours)
    os.close(theirs)


def test_the_wall_clock_jumps_and_comes_back(tmp_path: Path) -> None:
    before = clock.now()
    with inject(Fault(do="clock", kind="mkdir", seconds=-3600), log=tmp_path / "log", under=tmp_path):
        (tmp_path / "folder").mkdir()
        assert clock.now() < before - 3000
    assert clock.now() >= before


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"do": "melt"}, "do='melt'"),
        ({"kind": "sneeze"}, "kind='sneeze'"),
        ({"nth": 0}, "count from 1"),
        ({"do": "lose", "kind": "write"}, "for messages"),
    ],
)
def test_a_fault_that_cannot_be_is_refused_with_what_can(given: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Fault(**given)  # type: ignore[arg-type]


def test_the_command_refuses_words_that_say_no_fault(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "flagstone.testing.faults", "--log", str(tmp_path / "log"), "--fault", "nth"]
    done = subprocess.run([*words, "--", "x.py"], capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert "name=value" in done.stderr
    assert "Traceback" not in done.stderr


def test_after_a_power_cut_there_is_what_was_flushed_and_no_more(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    with inject(log=tmp_path / "log", under=source, record=tmp_path / "recording"):
        publish(source / "kept", [b"kept"])
        publish(source / "named", [b"named"], durable=False)
    moments = cuts(tmp_path / "recording")

    def left(cut: int, lost: str) -> dict[str, bytes]:
        target = tmp_path / f"{cut}{lost}"
        rebuild(tmp_path / "recording", cut, source, target, lost=lost)
        return {path.name: path.read_bytes() for path in target.iterdir()}

    assert left(0, "all") == {}
    assert left(moments[-1], "all") == {"kept": b"kept"}
    assert left(moments[-1], "content") == {"kept": b"kept", "named": b""}
    assert left(moments[-1], "half") == {"kept": b"kept", "named": b"na"}
