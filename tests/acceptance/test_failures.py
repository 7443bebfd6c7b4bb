"""When steps fail: what is tried again, caught and stopped, and what a resume takes over from loops and gangs."""

import subprocess

from flagstone import Run
from tests.acceptance.household import Household

HARD = """
import os, signal, time
from flagstone import FlowSpec, Parameter, catch, current, retry, step, timeout

class HardFlow(FlowSpec):
    @step
    def start(self):
        self.next(self.picky, self.killed, self.stuck, self.odd)

    @retry(times=5, minutes_between_retries=0, on=[ConnectionError])
    @catch(var="why")
    @step
    def picky(self):
        print("attempt", current.retry_count)
        if current.retry_count == 0:
            raise ConnectionResetError("once")
        self.kept = current.retry_count
        raise LookupError("not among those")
        self.next(self.join)

    @catch(var="why", print_exception=False)
    @retry(times=1, minutes_between_retries=0)
    @step
    def killed(self):
        os.kill(os.getpid(), signal.SIGKILL)
        self.next(self.join)

    @catch(var="why")
    @timeout(seconds=0.3)
    @step
    def stuck(self):
        print("before", flush=True)
        while True:
            pass
        self.next(self.join)

    @catch(var="why")
    @step
    def odd(self):
        self.fine = True
        self.next(self.join)

    @step
    def join(self, inputs):
        self.why = {task.why.type.rpartition(".")[2] if task.why else None for task in inputs}
        self.kept = inputs.picky.kept
        self.next(self.end)

    @step
    def end(self):
        pass

if __name__ == "__main__":
    HardFlow()
"""


def test_what_fails_is_tried_again_where_it_may_be_and_caught_where_it_is_final(house: Household) -> None:
    house.write(HARD, "hard.py")

    house.run("hard.py", "run")

    run = Run("HardFlow/1")
    end = run["join"].task.data
    assert end.why == {"LookupError", "ProcessLost", "TimeoutException", None}
    assert end.kept == 1
    assert [task.status for task in run["picky"].task.attempts] == ["failed", "succeeded"]
    assert [task.status for task in run["killed"].task.attempts] == ["lost", "lost", "succeeded"]
    assert run["picky"].task.attempts[0].stdout == "attempt 0\n"
    assert "before" in run["stuck"].task.stdout
    assert "LookupError" in run["picky"].task.stderr


GANG = """
import sys, time
from pathlib import Path
from flagstone import FlowSpec, current, parallel, retry, step

class TornFlow(FlowSpec):
    @step
    def start(self):
        self.size = 3
        self.next(self.train, num_parallel=self.size)

    MARK
    @parallel
    @step
    def train(self):
        self.node = current.parallel.node_index
        if self.node == 1 and not Path("mended").exists():
            if current.retry_count == 0:
                raise RuntimeError("node one is torn")
        elif not Path("mended").exists() and current.retry_count == 0:
            time.sleep(600)
        self.next(self.join)

    @step
    def join(self, inputs):
        self.nodes = [task.node for task in inputs]
        self.next(self.end)

    @step
    def end(self):
        pass

if __name__ == "__main__":
    TornFlow()
"""


def test_a_gang_of_which_one_fails_is_stopped_says_which_and_is_resumed_as_a_whole(house: Household) -> None:
    house.write(GANG.replace("    MARK\n", ""), "torn.py")

    failed = house.run("torn.py", "run", status=1)
    (house.work / "mended").touch()
    house.run("torn.py", "resume")

    assert "node one is torn" in failed.err
    tasks = {task.index: task for task in Run("TornFlow/1")["train"]}
    assert {index: task.status for index, task in tasks.items()} == {0: "cancelled", 1: "failed", 2: "cancelled"}
    assert tasks[1].pathspec in str(tasks[0].exception)
    again = Run("TornFlow/2")
    assert again["join"].task.data.nodes == [0, 1, 2]
    assert all(task.origin_pathspec is None for task in again["train"])
    assert again["start"].task.origin_pathspec == "TornFlow/1/start/1"


def test_a_gang_is_tried_again_as_a_whole(house: Household) -> None:
    house.write(GANG.replace("MARK", "@retry(times=1, minutes_between_retries=0)"), "torn.py")

    house.run("torn.py", "run")

    assert {task.current_attempt for task in Run("TornFlow/1")["train"]} == {1}


LOOP = """
from pathlib import Path
from flagstone import FlowSpec, catch, step

class LapsFlow(FlowSpec):
    @step
    def start(self):
        self.items = ["a", "b"]
        self.next(self.first, foreach="items")

    @step
    def first(self):
        self.laps = getattr(self, "laps", 0) + 1
        self.parts = [1, 2]
        self.next(self.part, foreach="parts")

    @step
    def part(self):
        if self.laps == 3 and self.foreach_stack()[0][2] == "b" and not Path("mended").exists():
            raise RuntimeError("third lap of b")
        self.value = self.input * self.laps
        self.next(self.together)

    @step
    def together(self, inputs):
        self.merge_artifacts(inputs, include=["laps"])
        self.total = sum(task.value for task in inputs)
        self.next(self.judge)

    @step
    def judge(self):
        if self.laps < 3:
            self.next(self.first)
        else:
            self.next(self.join)

    @step
    def join(self, inputs):
        self.totals = [task.total for task in inputs]
        self.next(self.end)

    @step
    def end(self):
        pass

if __name__ == "__main__":
    LapsFlow()
"""


def test_a_resume_takes_over_the_laps_of_a_loop_that_succeeded(house: Household) -> None:
    house.write(LOOP, "laps.py")

    house.run("laps.py", "run", "--max-workers", "1", status=1)
    (house.work / "mended").touch()
    house.run("laps.py", "resume")

    run = Run("LapsFlow/2")
    assert run["join"].task.data.totals == [9, 9]
    fresh = [task for step in run for task in step if task.origin_pathspec is None]
    kept = [task for step in run for task in step if task.origin_pathspec is not None]
    assert len(kept) >= 10
    assert {task.parent.id for task in fresh} >= {"part", "together", "judge", "join", "end"}
    for task in run["together"]:
        assert [parent.index for parent in task.parent_tasks] == [0, 1]
        assert {parent.data.laps for parent in task.parent_tasks} == {task.data.laps}


def test_a_catch_that_leaves_its_failure_where_a_step_is_called_is_refused_with_its_place(house: Household) -> None:
    house.write("""
        from flagstone import FlowSpec, catch, step

        class HiddenFlow(FlowSpec):
            @step
            def start(self):
                self.next(self.end)

            @catch(var="start")
            @step
            def end(self):
                pass
    """)

    done = house.run("flow.py", "run", status=2)

    assert "@catch(var='start'), and start is a step" in done.err
    assert "flow.py:11" in done.err


def test_a_catch_on_a_step_that_chooses_is_refused_with_its_place(house: Household) -> None:
    house.write(LOOP.replace("    @step\n    def start", "    @catch\n    @step\n    def start"), "laps.py")

    done = house.run("laps.py", "run", status=2)

    assert "@catch and a foreach" in done.err
    assert "laps.py:" in done.err


WAITS = """
from flagstone import FlowSpec, current, retry, step

class WaitsFlow(FlowSpec):
    @retry(times=1, minutes_between_retries=0.02)
    @step
    def start(self):
        if current.retry_count == 0:
            raise ConnectionError("busy")
        self.next(self.end)

    @step
    def end(self):
        pass
"""


def test_a_failure_that_is_tried_again_is_told_first_and_then_when(house: Household) -> None:
    house.write(WAITS, "waits.py")

    said = house.run("waits.py", "run").out

    failed = said.index("ConnectionError: busy; it will be tried again")
    assert failed < said.index("1 task of start will be tried again in 1.2 s") < said.index("start/1] task done")


def test_with_catch_leaves_out_the_steps_that_cannot_have_it_and_says_so_once(house: Household) -> None:
    house.write(LOOP, "laps.py")

    done = house.run("laps.py", "run", "--with", "catch")

    assert done.text.count("--with catch: not on start") == 1


TWO = """
import time
from pathlib import Path
from flagstone import FlowSpec, retry, step

class TwoFlow(FlowSpec):
    @step
    def start(self):
        self.items = [0, 1]
        self.next(self.work, foreach="items")

    @retry(times=1, on="builtins.ConnectionError")
    @step
    def work(self):
        if self.input == 0:
            raise ValueError("for good")
        while not Path("told").exists():
            time.sleep(0.02)
        raise ConnectionError("busy")
        self.next(self.join)

    @step
    def join(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass

if __name__ == "__main__":
    TwoFlow()
"""


def test_nothing_is_tried_again_once_another_task_has_failed_for_good(house: Household) -> None:
    path = house.write(TWO, "two.py")
    process = house.start(path, "run", "--max-workers", "2", out=subprocess.PIPE)
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        said.append(line.decode())
        if "for good" in said[-1]:
            (house.work / "told").touch()
    process.stdout.close()

    assert process.wait(60) == 1
    text = "".join(said)
    assert "ConnectionError: busy" in text
    assert "tried again" not in text
    assert "2 failed" in text
