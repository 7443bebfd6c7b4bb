"""Whatever is killed at whatever moment: nothing stays alive, all see what was lost, a resume repeats nothing."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from flagstone import Flow, Run
from tests.acceptance.household import Household, alive, wait_for

SLOW = """
import os, signal, time

def mark(what):
    with open("marks", "a") as marks:
        print(what, os.getpid(), os.getppid(), file=marks)

class SlowFlow(FlowSpec):
    @step
    def start(self):
        self.items = list(range(8))
        self.next(self.work, foreach="items")

    @step
    def work(self):
        mark(f"begin{self.input}")
        time.sleep(0.15)
        mark(f"work{self.input}")
        self.out = self.input
        self.next(self.join)

    @step
    def join(self, inputs):
        self.all = [i.out for i in inputs]
        self.next(self.end)

    @step
    def end(self):
        pass
"""


def finished(house: Household) -> list[str]:
    """The items whose work was done, in order."""
    return [line.split()[0] for line in house.lines() if line.startswith("work")]


def processes(house: Household) -> set[int]:
    """Every process that the tasks told of: they and their parents."""
    return {int(pid) for line in house.lines() for pid in line.split()[1:]}


def begun(house: Household, *words: object) -> subprocess.Popen[bytes]:
    """A run in the middle of its foreach."""
    engine = house.start("flow.py", "run", "--max-workers", 2, *words)
    wait_for(lambda: len(finished(house)) >= 3, "three items")
    return engine


def goes_on(house: Household, lost: Run) -> None:
    """A resume gets to the end and repeats no task that is recorded as succeeded."""
    kept = {f"work{task.data.out}" for task in lost["work"] if task.successful}
    before = finished(house)
    assert len(set(before) - kept) <= 4, "at most what was under way was not recorded"

    house.run("flow.py", "resume", "--max-workers", 2)

    assert not kept.intersection(finished(house)[len(before) :])
    assert house.value("SlowFlow", "all") == list(range(8))
    house.assert_whole()


@pytest.mark.parametrize("isolation", ["fork", "worker", "spawn"])
def test_when_the_engine_is_killed_its_tasks_die_and_the_run_is_seen_as_lost_at_once(
    house: Household, isolation: str
) -> None:
    house.write(SLOW)
    engine = begun(house, "--isolation", isolation)

    engine.kill()
    engine.wait()
    seen = house.flagstone("runs").out

    run = house.latest("SlowFlow")
    assert "lost" in seen
    assert "running" not in seen
    assert (run.status, run.finished, run.successful) == ("lost", True, False)
    assert {task.status for task in run["work"]} <= {"succeeded", "lost"}
    wait_for(lambda: not any(map(alive, processes(house))), "the end of its processes", 5)
    goes_on(house, run)


def test_when_its_whole_group_is_killed_a_resume_goes_on(house: Household) -> None:
    house.write(SLOW)
    engine = begun(house)

    os.killpg(engine.pid, signal.SIGKILL)
    engine.wait()

    run = house.latest("SlowFlow")
    assert run.status == "lost"
    wait_for(lambda: not any(map(alive, processes(house))), "the end of its processes", 5)
    goes_on(house, run)


def test_when_one_task_is_killed_it_alone_is_lost(house: Household) -> None:
    house.write(SLOW)
    engine = house.start("flow.py", "run", "--max-workers", 2, "--keep-going")
    wait_for(lambda: any(line.startswith("begin2") for line in house.lines()), "the third item")
    (victim,) = (int(line.split()[1]) for line in house.lines() if line.startswith("begin2"))

    os.kill(victim, signal.SIGKILL)

    assert engine.wait(20) == 1
    run = house.latest("SlowFlow")
    (lost,) = [task for task in run["work"] if not task.successful]
    assert (run.status, lost.status, lost.index) == ("failed", "lost", 2)
    assert "SIGKILL" in str(lost.exception)
    goes_on(house, run)


def test_when_the_zygote_is_killed_the_run_ends_and_says_so(house: Household) -> None:
    house.write(SLOW)
    engine = begun(house)
    (zygote,) = {int(line.split()[2]) for line in house.lines()}

    os.kill(zygote, signal.SIGKILL)

    status = engine.wait(30)
    run = house.latest("SlowFlow")
    assert (status, run.status) in ((1, "failed"), (0, "succeeded")), "it may have struck between two tasks"
    assert {task.status for task in run["work"]} <= {"succeeded", "lost"}
    assert not any(map(alive, processes(house)))
    goes_on(house, run)


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_is_cancelled_and_goes_on_later(house: Household, signum: int) -> None:
    house.write(SLOW)
    with open(house.work / "said", "wb") as said:
        engine = house.start("flow.py", "run", "--max-workers", 2, out=said)
        wait_for(lambda: len(finished(house)) >= 3, "three items")
        os.kill(engine.pid, signum)

        assert engine.wait(4) == 130

    text = (house.work / "said").read_text()
    run = house.latest("SlowFlow")
    assert (run.status, run.finished) == ("cancelled", True)
    assert {task.status for task in run["work"]} <= {"succeeded", "cancelled"}
    assert "Traceback" not in text
    assert "python flow.py resume" in text
    assert not any(map(alive, processes(house)))
    goes_on(house, run)


DEAF = """
import os, pathlib, signal, time

class DeafFlow(FlowSpec):
    @step
    def start(self):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        pathlib.Path("pid").write_text(str(os.getpid()))
        pathlib.Path("ready").touch()
        time.sleep(30)
        self.next(self.end)

    @step
    def end(self):
        pass
"""


@pytest.mark.parametrize(("interrupts", "least", "most"), [(1, 4.5, 9.0), (2, 0.0, 3.0)])
def test_a_task_that_does_not_listen_is_killed_after_five_seconds_or_at_the_second_interrupt(
    house: Household, interrupts: int, least: float, most: float
) -> None:
    house.write(DEAF)
    engine = house.start("flow.py", "run")
    wait_for((house.work / "ready").exists, "the task")

    begin = time.monotonic()
    for _ in range(interrupts):
        os.kill(engine.pid, signal.SIGINT)
        time.sleep(0.2)

    assert engine.wait(15) == 130
    assert least < time.monotonic() - begin < most
    assert not alive(int((house.work / "pid").read_text()))
    assert house.latest("DeafFlow").status == "cancelled"
    house.assert_whole()


def test_many_runs_at_once_on_a_fresh_home_get_a_number_each_and_do_not_meet(house: Household) -> None:
    house.write(SLOW.replace("time.sleep(0.15)", "time.sleep(0.01)"))
    files = [house.work / f"said{i}" for i in range(8)]

    engines = [said_to(house, file) for file in files]
    for engine, file in zip(engines, files, strict=True):
        assert engine.wait(60) == 0, file.read_text()

    runs = list(Flow("SlowFlow"))
    assert [run.id for run in runs] == [str(number) for number in range(8, 0, -1)]
    assert {run.status for run in runs} == {"succeeded"}
    assert all(run["end"].task["all"].data == list(range(8)) for run in runs)
    house.assert_whole()


def said_to(house: Household, file: Path) -> subprocess.Popen[bytes]:
    """A run that says what it says to a file."""
    with file.open("wb") as out:
        return house.start("flow.py", "run", "--max-workers", 2, out=out)
