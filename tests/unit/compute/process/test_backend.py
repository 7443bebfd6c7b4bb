"""Tasks in forked processes: what they may do to themselves, and what they cannot do to others."""

import atexit
import ctypes
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from importlib import import_module
from pathlib import Path
from threading import Timer

import pytest

from flagstone.compute.process.backend import ProcessCompute
from flagstone.compute.process.board import Board
from flagstone.compute.process.settings import ProcessSettings
from flagstone.kit.clock import monotonic
from flagstone.model.jobs import Ended, Job, Started
from flagstone.testing.driver import ACTIONS, Action, Driver, is_alive, job, speak, started

HOST = (sys.executable, "-m", "tests.unit.compute.host")

Start = Callable[..., AbstractContextManager[Driver]]


@pytest.fixture
def start(tmp_path: Path) -> Start:
    """How a test starts a back end with actions of its own."""

    def start(isolation: str = "fork", workers: int = 2, **actions: Action) -> AbstractContextManager[Driver]:
        settings = ProcessSettings(workers=workers, isolation=isolation, steps_fork=True, spawn_command=HOST)
        every: Mapping[str, Action] = {**ACTIONS, **actions}
        return started(lambda runner: ProcessCompute(settings, runner), every, tmp_path)

    return start


def wait_until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    """Look again and again, and fail when it takes too long."""
    deadline = monotonic() + seconds
    while not condition():
        assert monotonic() < deadline
        time.sleep(0.005)


# --- how a process ends ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("isolation", ["fork", "worker"])
def test_a_segmentation_fault_is_told_by_its_name(start: Start, isolation: str) -> None:
    def crash(_: Job) -> bytes:
        ctypes.string_at(0)
        return b""

    with start(isolation, crash=crash) as driver:
        crashed, fine = driver.run(job(1, "crash"), job(2, "speak"))

        assert b"in crash" in driver.output(crashed.log, "stderr"), "the log says where"
    assert crashed.report is None
    assert crashed.exit == "killed by SIGSEGV"
    assert crashed.usage.peak_memory > 0
    assert fine.report is not None


@pytest.mark.parametrize("isolation", ["fork", "worker"])
def test_a_process_that_leaves_with_status_zero_has_vanished_all_the_same(start: Start, isolation: str) -> None:
    with start(isolation, leave=lambda _: os._exit(0)) as driver:
        (end,) = driver.run(job(1, "leave"))

    assert (end.report, end.exit) == (None, "exit status 0")


def test_what_a_runner_does_not_catch_is_a_vanished_attempt_with_a_traceback_in_its_log(start: Start) -> None:
    with start(exit=lambda _: sys.exit("enough")) as driver:
        (end,) = driver.run(job(1, "exit"))

        assert (end.report, end.exit) == (None, "exit status 1")


def test_a_report_says_what_the_attempt_used(start: Start) -> None:
    def work(_: Job) -> bytes:
        block = bytearray(64 << 20)
        while time.process_time() < 0.1:
            block[0] += 0
        return b""

    with start(work=work) as driver:
        (end,) = driver.run(job(1, "work"))

    assert 0.05 < end.usage.cpu_seconds < 5
    assert end.usage.peak_memory > 64 << 20


def test_an_attempt_with_much_memory_ends_when_the_system_has_it_back(start: Start) -> None:
    def fill(_: Job) -> bytes:
        return bytes(len(bytearray(b"x") * (600 << 20)) % 7)

    with start(fill=fill) as driver:
        (end,) = driver.run(job(1, "fill"))
        begin = driver.wait_for_start(1)

        assert end.report is not None
        assert not is_alive(begin.pid)


# --- what it leaves behind ------------------------------------------------------------------------------------------


def test_a_process_left_in_the_background_ends_with_its_task(start: Start) -> None:
    def litter(_: Job) -> bytes:
        left = subprocess.Popen(["sleep", "600"])
        left.returncode = 0  # its destructor would warn
        return str(left.pid).encode()

    with start(litter=litter) as driver:
        (end,) = driver.run(job(1, "litter"))

        assert end.report is not None
        wait_until(lambda: not is_alive(int(end.report.manifest if end.report else b"0")))


def test_output_of_c_code_and_of_subprocesses_lands_in_the_log(start: Start) -> None:
    def chatter(_: Job) -> bytes:
        print("python")
        subprocess.run(["sh", "-c", "echo shell; echo complaint >&2"], check=True)
        ctypes.CDLL(None).printf(b"c code, which holds it back\n")
        return b""

    with start(chatter=chatter) as driver:
        (end,) = driver.run(job(1, "chatter"))

        assert driver.output(end.log) == b"python\nshell\nc code, which holds it back\n"
        assert driver.output(end.log, "stderr") == b"complaint\n"


def test_characters_that_the_terminal_would_refuse_are_kept(start: Start) -> None:
    def write(_: Job) -> bytes:
        print("π \udcff")
        return b""

    with start(write=write) as driver:
        (end,) = driver.run(job(1, "write"))

        assert driver.output(end.log) == "π \\udcff\n".encode()


def test_a_hundred_megabytes_of_output_lose_no_line(start: Start) -> None:
    line = b"x" * 99 + b"\n"

    def flood(_: Job) -> bytes:
        for _times in range(1000):
            os.write(1, line * 1000)
        return b""

    with start(flood=flood) as driver:
        flooded, other = driver.run(job(1, "flood"), job(2, "speak"))

        assert driver.output(flooded.log) == line * 1_000_000
        assert driver.output(other.log) == b"out 2\n"


def test_threads_pools_and_exit_functions_of_a_task_finish_as_in_any_program(start: Start, tmp_path: Path) -> None:
    def busy(_: Job) -> bytes:
        Timer(0.1, (tmp_path / "thread").write_text, ("done",)).start()
        pool = ThreadPoolExecutor(2)
        pool.submit((tmp_path / "pool").write_text, "done")
        atexit.register((tmp_path / "exit").write_text, "done")
        return b""

    with start(busy=busy) as driver:
        (end,) = driver.run(job(1, "busy"))

    assert end.report is not None
    assert {path.name: path.read_text() for path in tmp_path.iterdir() if path.is_file()} == dict.fromkeys(
        ("thread", "pool", "exit"), "done"
    )


def test_exit_functions_of_the_engine_are_not_called_by_tasks(start: Start, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    atexit.register(mark.write_text, "x")
    try:
        with start() as driver:
            driver.run(job(1, "speak"), job(2, "speak", isolation="worker"))
        assert not mark.exists()
    finally:
        atexit.unregister(mark.write_text)
        atexit.unregister(mark.write_text)


# --- what it finds --------------------------------------------------------------------------------------------------


def test_a_task_reads_nothing_from_the_terminal_and_has_a_group_of_its_own(start: Start) -> None:
    def look(_: Job) -> bytes:
        assert sys.stdin.read() == ""
        return str(os.getpgid(0) == os.getpid()).encode()

    with start(look=look) as driver:
        (end,) = driver.run(job(1, "look"))

    assert end.report is not None
    assert end.report.failure is None
    assert end.report.manifest == b"True"


def test_a_task_has_the_signal_handlers_of_a_fresh_program(start: Start) -> None:
    def look(_: Job) -> bytes:
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
        assert signal.getsignal(signal.SIGCHLD) is signal.SIG_DFL
        assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == set()
        return b""

    with start(look=look) as driver:
        (end,) = driver.run(job(1, "look"))

    assert end.report is not None
    assert end.report.failure is None


def test_a_task_holds_no_descriptor_of_the_zygote_or_of_another_slot(start: Start) -> None:
    def look(_: Job) -> bytes:
        targets = [
            os.readlink(f"/proc/self/fd/{fd}")
            for fd in os.listdir("/proc/self/fd")
            if Path(f"/proc/self/fd/{fd}").exists()
        ]
        return "\n".join(targets).encode()

    before = sum(target.startswith("socket:") for target in descriptors())
    with start(workers=6, look=look) as driver:
        ends = driver.run(*(job(i, "look") for i in range(1, 13)))

    for end in ends:
        assert end.report is not None
        targets = end.report.manifest.decode().splitlines()
        assert sum(target.startswith("socket:") for target in targets) == before + 1
        assert len({target for target in targets if "/logs/" in target}) == 2


def descriptors() -> list[str]:
    """What this process has open."""
    folder = Path("/proc/self/fd")
    return [os.readlink(fd) for fd in folder.iterdir() if fd.exists()]


def test_siblings_have_random_numbers_of_their_own(start: Start) -> None:
    numpy = pytest.importorskip("numpy")

    def draw(_: Job) -> bytes:
        return f"{random.random()} {numpy.random.random()}".encode()

    with start(draw=draw) as driver:
        ends = driver.run(*(job(i, "draw") for i in range(1, 9)))

    drawn = [end.report.manifest.split() for end in ends if end.report is not None]
    assert len({first for first, _ in drawn}) == len({second for _, second in drawn}) == 8


def test_a_task_sees_how_many_threads_it_may_use(start: Start) -> None:
    with start(look=lambda _: os.environ["OMP_NUM_THREADS"].encode()) as driver:
        ends = driver.run(*(job(i, "look", cpu=cpu) for i, cpu in enumerate((1, 2, 0.5, 3), 1)))

    assert [end.report.manifest for end in ends if end.report is not None] == [b"1", b"2", b"1", b"3"]


def test_what_one_task_had_to_import_the_next_one_finds_loaded(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("colorsys", "tests.unit.compute.host"):
        monkeypatch.delitem(sys.modules, name, raising=False)

    def use(_: Job) -> bytes:
        loaded = [name in sys.modules for name in ("colorsys", "tests.unit.compute.host")]
        import_module("colorsys")
        import_module("tests.unit.compute.host")
        return repr(loaded).encode()

    with start(workers=1, use=use) as driver:
        ends = driver.run(job(1, "use"), job(2, "use"))

    assert [end.report.manifest for end in ends if end.report is not None] == [
        b"[False, False]",
        b"[True, False]",  # the standard library's, and never a module of the user's
    ]


# --- signals --------------------------------------------------------------------------------------------------------


def test_an_interrupt_of_the_engines_group_does_not_reach_tasks(start: Start) -> None:
    def look(_: Job) -> bytes:
        return f"{os.getpgid(0)} {os.getsid(0)}".encode()

    with start(look=look) as driver:
        (end,) = driver.run(job(1, "look"))

    assert end.report is not None
    group, session = map(int, end.report.manifest.split())
    assert group != os.getpgid(0)
    assert session != os.getsid(0), "the terminal signals only its own session"


@pytest.mark.parametrize("isolation", ["fork", "worker"])
def test_a_signal_handler_may_cancel_at_any_moment(start: Start, isolation: str) -> None:
    numbers = range(1, 120)
    victims = iter(range(1, 120, 7))

    with start(isolation) as driver:

        def cancel_another(*_: object) -> None:
            if (number := next(victims, None)) is not None:
                driver.compute.cancel(number, kill=True)

        before = signal.signal(signal.SIGALRM, cancel_another)
        signal.setitimer(signal.ITIMER_REAL, 0.002, 0.002)
        try:
            ends = driver.run(*(job(i, "speak") for i in numbers))
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)

    assert [end.number for end in ends] == list(numbers)
    assert all(end.report is not None or (end.number - 1) % 7 == 0 for end in ends)


def test_a_job_of_another_isolation_than_the_runs(start: Start) -> None:
    def pid(_: Job) -> bytes:
        return str(os.getpid()).encode()

    with start("fork", workers=1, pid=pid) as driver:
        ends = driver.run(
            job(1, "pid"),
            job(2, "pid", isolation="worker"),
            job(3, "pid", isolation="worker"),
            job(4, "pid"),
            job(5, "speak", isolation="spawn"),
            job(6, "pid", isolation="worker"),
        )

    assert all(end.report is not None and end.report.failure is None for end in ends)
    one, two, three, four, _, six = (end.report.manifest for end in ends if end.report is not None)
    assert two == three == six
    assert len({one, two, four}) == 3


# --- workers --------------------------------------------------------------------------------------------------------


def test_a_crash_of_a_worker_takes_only_the_job_it_was_at(start: Start) -> None:
    with start("worker", workers=2) as driver:
        driver.run(*(job(i, "speak") for i in range(100, 150)))
        jobs = [job(i, "leave" if i % 10 == 5 else "speak") for i in range(1, 60)]

        ends = driver.run(*jobs)

        vanished = [end.number for end in ends if end.report is None]
        assert vanished == [5, 15, 25, 35, 45, 55]
        for end in ends:
            expected = b"" if end.report is None else f"out {end.number}\n".encode()
            assert driver.output(end.log) == expected
    begun = [event.number for event in driver.events if isinstance(event, Started)]
    assert len(begun) == len(set(begun)), "a job that is sent again is not started twice"


def test_jobs_behind_a_long_one_go_to_a_worker_that_is_idle(start: Start) -> None:
    with start("worker", workers=2) as driver:
        driver.run(*(job(i, "speak") for i in range(100, 200)))
        assert driver.compute.depth(None) > 8

        driver.compute.launch([job(1, "sleep"), *(job(i, "speak") for i in range(2, 9))])
        for number in range(2, 9):
            assert driver.wait_for_end(number).report is not None

        assert not any(isinstance(event, Ended) and event.number == 1 for event in driver.events)


def test_a_job_that_waits_at_a_worker_is_withdrawn(start: Start) -> None:
    with start("worker", workers=1) as driver:
        driver.compute.launch([job(1, "sleep"), job(2, "speak"), job(3, "speak")])
        driver.wait_for_output(1)

        driver.compute.cancel(2, kill=False)

        assert driver.wait_for_end(2).exit == "cancelled"
        driver.compute.cancel(1, kill=True)
        assert driver.wait_for_end(1).exit == "killed by SIGKILL"
        assert driver.wait_for_end(3).report is not None, "the job behind goes to a fresh worker"


def test_the_report_of_a_short_job_does_not_wait_for_a_long_one_behind_it(start: Start) -> None:
    with start("worker", workers=1) as driver:
        driver.run(*(job(i, "speak") for i in range(100, 200)))

        driver.compute.launch([job(1, "speak"), job(2, "sleep")])

        assert driver.wait_for_end(1).report is not None
        assert driver.wait_for_start(2).pid > 0


def test_a_job_that_is_withdrawn_in_the_moment_in_which_it_begins_is_run_all_the_same(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    withdraw = Board.withdraw

    def too_late(board: Board, slot: int, ticket: int) -> bool:
        withdraw(board, slot, ticket)  # the worker sees it,
        return False  # and the engine believes that the worker began

    with start("worker", workers=2, nap=lambda _: time.sleep(0.05)) as driver:
        driver.run(*(job(i, "speak") for i in range(100, 200)))
        monkeypatch.setattr(Board, "withdraw", too_late)

        ends = driver.run(job(1, "nap"), *(job(i, "speak") for i in range(2, 30)))

        assert all(end.report is not None for end in ends)


def test_long_jobs_are_not_queued_behind_each_other(start: Start) -> None:
    with start("worker", workers=2, nap=lambda _: time.sleep(0.06)) as driver:
        driver.run(*(job(i, "nap") for i in range(1, 30)))

        assert driver.compute.depth(None) == 2


# --- the death of others --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("isolation", ["fork", "worker"])
def test_when_the_zygote_is_killed_its_tasks_end_and_later_ones_are_spawned(start: Start, isolation: str) -> None:
    with start(isolation, workers=1) as driver:
        driver.compute.launch([job(1, "sleep")])
        pid = driver.wait_for_start(1).pid
        zygote = int(Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()[1])

        os.kill(zygote, signal.SIGKILL)
        lost = driver.wait_for_end(1)
        (end,) = driver.run(job(2, "speak"))

        assert lost.report is None
        assert lost.exit == "lost with the process that forks tasks (killed by SIGKILL)"
        wait_until(lambda: not is_alive(pid))
        assert end.report is not None
        assert driver.output(end.log) == b"out 2\n"
        assert isinstance(driver.compute, ProcessCompute)
        assert any("the process that forks tasks is gone" in notice for notice in driver.compute.notices)


def test_jobs_that_wait_behind_one_at_a_worker_survive_the_zygote(start: Start) -> None:
    with start("worker", workers=1) as driver:
        driver.compute.launch([job(1, "sleep"), *(job(i, speak.__name__) for i in range(2, 6))])
        pid = driver.wait_for_start(1).pid
        os.kill(int(Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()[1]), signal.SIGKILL)

        assert driver.wait_for_end(1).report is None
        for number in range(2, 6):
            assert driver.wait_for_end(number).report is not None


def test_a_host_that_cannot_be_started_ends_the_attempt_with_the_reason(tmp_path: Path) -> None:
    settings = ProcessSettings(workers=1, isolation="spawn", spawn_command=(str(tmp_path / "nothing"),))
    with started(lambda runner: ProcessCompute(settings, runner), ACTIONS, tmp_path) as driver:
        (end,) = driver.run(job(1, "speak"))

    assert end.report is None
    assert end.exit.startswith("could not be started: ")
