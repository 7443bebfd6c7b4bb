"""Nothing outlives the engine: not the zygote, not a task, not what a task started."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from flagstone.kit.clock import monotonic
from flagstone.testing.driver import is_alive

ISOLATIONS = ("fork", "worker", "spawn")


@contextmanager
def engine(home: Path, isolation: str) -> Iterator[tuple[subprocess.Popen[bytes], list[int]]]:
    """An engine with two running tasks, and the ids of all processes but its own."""
    command = [sys.executable, "-m", "tests.unit.compute.tiny_engine", str(home), isolation]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, process_group=0) as process:
        assert process.stdout is not None
        others = [pid for pid in map(int, process.stdout.readline().split()) if pid != process.pid]
        assert len(others) >= 4
        assert all(is_alive(pid) for pid in others)
        try:
            yield process, others
        finally:
            for pid in (process.pid, *others):
                if is_alive(pid):
                    os.kill(pid, signal.SIGKILL)


def assert_all_end(pids: list[int], seconds: float = 5.0) -> None:
    """Every process is gone soon."""
    deadline = monotonic() + seconds
    while left := [pid for pid in pids if is_alive(pid)]:
        assert monotonic() < deadline, f"{left} of {pids} are still there"
        time.sleep(0.005)


@pytest.mark.parametrize("isolation", ISOLATIONS)
def test_everything_dies_with_an_engine_that_is_killed(tmp_path: Path, isolation: str) -> None:
    with engine(tmp_path, isolation) as (process, others):
        process.kill()

        assert_all_end(others)


@pytest.mark.parametrize("isolation", ISOLATIONS)
def test_an_interrupt_from_the_terminal_ends_the_engine_and_the_engine_ends_the_rest(
    tmp_path: Path, isolation: str
) -> None:
    with engine(tmp_path, isolation) as (process, others):
        os.killpg(process.pid, signal.SIGINT)

        process.wait(10)
        assert_all_end(others)


def test_a_task_killed_from_outside_takes_what_it_started_along(tmp_path: Path) -> None:
    with engine(tmp_path, "fork") as (_, others):
        task = next(pid for pid in others if os.getpgid(pid) == pid and pid != os.getsid(pid))
        group = [pid for pid in others if os.getpgid(pid) == task]

        os.kill(task, signal.SIGKILL)

        assert len(group) == 2
        assert_all_end(group)
