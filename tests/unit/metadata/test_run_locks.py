"""Tests of `metadata.run_locks`: who holds the lock of a run, and what those who ask may disturb."""

import os
import threading
import time
from pathlib import Path

import pytest

from flagstone.kit.locks import FileLock
from flagstone.metadata import run_locks
from flagstone.metadata.run_locks import RunLocks
from flagstone.model.errors import WriteConflict
from flagstone.model.ids import RunId

RUN = RunId("Tidal", 7)


def test_a_lock_is_alive_for_the_process_that_holds_it_too(tmp_path: Path) -> None:
    locks = RunLocks(tmp_path / "locks")

    before = locks.is_alive(RUN)
    locks.take(RUN)

    assert not before
    assert locks.is_alive(RUN)
    assert RunLocks(tmp_path / "locks").is_alive(RUN)
    assert locks.holds(RUN)
    assert not RunLocks(tmp_path / "locks").holds(RUN)
    locks.release(RUN)
    assert not locks.is_alive(RUN)
    assert list((tmp_path / "locks").iterdir()) == []


def test_those_who_ask_at_once_do_not_take_each_other_for_the_owner(tmp_path: Path) -> None:
    locks = RunLocks(tmp_path)
    (tmp_path / "Tidal.7.lock").touch()  # what a process that was killed leaves behind
    answers: set[bool] = set()

    def ask() -> None:
        answers.update(locks.is_alive(RUN) for _ in range(2000))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == {False}


def test_taking_a_lock_succeeds_while_others_keep_asking(tmp_path: Path) -> None:
    locks = RunLocks(tmp_path)
    done = threading.Event()

    def ask() -> None:
        while not done.is_set():
            RunLocks(tmp_path).is_alive(RUN)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(50):
            locks.take(RUN)
            assert locks.is_alive(RUN)
            locks.release(RUN)
    finally:
        done.set()
        for thread in threads:
            thread.join()


def test_a_lock_of_another_process_is_waited_for_a_little_and_then_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_locks, "_TRIES", 3)
    other = FileLock(tmp_path / "Tidal.7.lock")
    assert other.acquire()

    began = time.monotonic()
    with pytest.raises(WriteConflict, match="Tidal/7"):
        RunLocks(tmp_path).take(RUN)

    assert time.monotonic() - began < 1
    other.release()


def test_a_forked_child_does_not_give_back_what_its_parent_holds(tmp_path: Path) -> None:
    locks = RunLocks(tmp_path)
    locks.take(RUN)

    child = os.fork()
    if child == 0:
        locks.release_all()
        os._exit(1 if locks.holds(RUN) else 0)
    _, code = os.waitpid(child, 0)

    assert code == 0
    assert locks.holds(RUN)
    assert locks.is_alive(RUN)
    locks.release_all()
    assert not locks.is_alive(RUN)
