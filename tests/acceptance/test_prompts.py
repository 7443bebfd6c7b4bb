"""`breakpoint()` and `--pdb` in a run: the prompt appears where the run was started, and the display steps aside."""

import os

import pytest

from tests.acceptance.household import Household
from tests.acceptance.keyboard import PROMPT, at_terminal

ISOLATIONS = ("fork", "worker", "spawn", "inline")

STOPS = """
class StopFlow(FlowSpec):
    @step
    def start(self):
        secret = 12345
        print("printed before")
        breakpoint()
        print("printed after")
        self.secret = secret
        self.next(self.end)

    @step
    def end(self):
        pass
"""

SLOW = """
import pathlib, time

def wait_for(name):
    while not pathlib.Path(name).exists():
        time.sleep(0.02)

class SlowFlow(FlowSpec):
    @step
    def start(self):
        wait_for("go")
        breakpoint()
        self.next(self.end)

    @step
    def end(self):
        wait_for("end")
"""

ALARM = """
import signal

class AlarmFlow(FlowSpec):
    @step
    def start(self):
        signal.setitimer(signal.ITIMER_REAL, 600)
        breakpoint()
        self.left = signal.getitimer(signal.ITIMER_REAL)[0]
        self.next(self.end)

    @step
    def end(self):
        pass
"""

CROWD = """
class CrowdFlow(FlowSpec):
    @step
    def start(self):
        self.items = [10, 20, 30]
        self.next(self.work, foreach="items")

    @step
    def work(self):
        mine = self.input
        breakpoint()
        self.got = mine
        self.next(self.join)

    @step
    def join(self, inputs):
        self.got = [i.got for i in inputs]
        self.next(self.end)

    @step
    def end(self):
        pass
"""

FAILS = """
def ratio(value):
    return 1 / (value - 41)

class FailFlow(FlowSpec):
    @step
    def start(self):
        local = 41
        self.before = "kept"
        self.ratio = ratio(local)
        self.next(self.end)

    @step
    def end(self):
        pass
"""


@pytest.mark.parametrize("isolation", ISOLATIONS)
def test_a_breakpoint_talks_to_the_terminal_whatever_runs_the_task(house: Household, isolation: str) -> None:
    house.write(STOPS)

    with at_terminal(house, "flow.py", "run", "--isolation", isolation) as person:
        person.answer(PROMPT, "p secret + 1")
        shown = person.expect("12346")
        person.answer(PROMPT, "print('said at', 'the prompt')")
        person.expect("said at the prompt")
        person.answer(PROMPT, "c")
        status = person.leaves()

    assert status == 0
    assert "printed after" not in shown
    task = house.latest("StopFlow")["start"].task
    assert task.data.secret == 12345
    assert task.stdout == "printed before\nprinted after\n"


@pytest.mark.parametrize("isolation", ["fork", "spawn"])
def test_what_a_task_printed_is_shown_before_its_prompt(house: Household, isolation: str) -> None:
    house.write(STOPS)

    with at_terminal(house, "flow.py", "run", "--isolation", isolation) as person:
        before = person.expect(PROMPT)
        person.type("c\n")
        after = person.expect("run succeeded")

    assert "printed before" in before
    assert "flow.py:7" in before
    assert '-> print("printed after")' in before
    assert "printed after" in after


def test_tasks_that_stop_together_take_turns(house: Household) -> None:
    house.write(CROWD)

    with at_terminal(house, "flow.py", "run", "--max-workers", "3") as person:
        seen = []
        for _ in range(3):
            person.answer(PROMPT, "p 'mine is', mine")
            person.expect("('mine is', ")
            seen.append(int(person.expect(")")))
            person.answer(PROMPT, "c")
        status = person.leaves()

    assert status == 0
    assert sorted(seen) == [10, 20, 30]
    assert house.value("CrowdFlow", "got", "join") == [10, 20, 30]


def test_values_can_be_changed_and_lines_stepped_through(house: Household) -> None:
    house.write(STOPS)

    with at_terminal(house, "flow.py", "run") as person:
        person.answer(PROMPT, "secret = 777")
        person.answer(PROMPT, "n")
        person.expect("-> self.secret = secret")
        person.answer(PROMPT, "w")
        calls = person.expect(PROMPT)
        person.type("c\n")
        person.leaves()

    assert calls.count("-> ") == 1, "frames that are not the user's are shown"
    assert house.value("StopFlow", "secret", "start") == 777


def test_control_d_goes_on(house: Household) -> None:
    house.write(STOPS)

    with at_terminal(house, "flow.py", "run") as person:
        person.expect(PROMPT)
        person.type("\x04")
        status = person.leaves()

    assert status == 0


def test_control_c_at_the_prompt_is_the_prompts_and_q_ends_the_task(house: Household) -> None:
    house.write(STOPS)

    with at_terminal(house, "flow.py", "run") as person:
        person.expect(PROMPT)
        person.press_until("\x03", "--KeyboardInterrupt--")
        person.answer(PROMPT, "q")
        status = person.leaves()

    assert status == 1
    assert "was ended at the debugger's prompt" in person.seen
    assert house.latest("StopFlow")["start"].task.status == "failed"


def test_the_board_steps_aside_for_a_prompt_and_comes_back(house: Household) -> None:
    house.write(SLOW)

    with at_terminal(house, "flow.py", "run") as person:
        person.expect("1 running")
        (house.work / "go").touch()
        person.expect(PROMPT)
        person.type("p 'typed ' * 2\n")
        quiet = person.expect("'typed typed '")
        person.answer(PROMPT, "c")
        person.expect("1/1")
        (house.work / "end").touch()
        status = person.leaves()

    assert status == 0
    assert "running" not in quiet


def test_a_time_limit_of_the_step_stands_still_at_the_prompt(house: Household) -> None:
    house.write(ALARM)

    with at_terminal(house, "flow.py", "run") as person:
        person.expect(PROMPT)
        person.type("import time; time.sleep(0.7)\n")
        person.answer(PROMPT, "p 'left', signal.getitimer(signal.ITIMER_REAL)\n")
        person.expect("('left', (0.0, 0.0))")
        person.answer(PROMPT, "c")
        status = person.leaves()

    assert status == 0
    left = house.value("AlarmFlow", "left", "start")
    assert isinstance(left, float)
    assert 0 < left <= 600


@pytest.mark.parametrize("isolation", ISOLATIONS)
def test_a_breakpoint_without_a_terminal_is_an_error_with_its_line(house: Household, isolation: str) -> None:
    house.write(STOPS)

    done = house.run("flow.py", "run", "--isolation", isolation, status=1)

    assert "breakpoint() needs a terminal" in done.err
    assert "flow.py:7" in done.err
    assert "PYTHONBREAKPOINT=0" in done.err


def test_a_debugger_that_knows_nothing_of_the_terminal_says_what_to_write(house: Household) -> None:
    house.write(STOPS.replace("breakpoint()", "import pdb; pdb.set_trace()"))

    done = house.run("flow.py", "run", status=1)

    assert "pdb.set_trace() in a task needs a terminal" in done.err
    assert "Write breakpoint()" in done.err


def test_breakpoints_that_the_environment_switches_off_do_nothing(house: Household) -> None:
    house.write(STOPS)
    house.environment["PYTHONBREAKPOINT"] = "0"

    house.run("flow.py", "run")

    assert house.value("StopFlow", "secret", "start") == 12345


@pytest.mark.parametrize("isolation", ISOLATIONS)
def test_a_failing_task_stops_at_a_prompt_when_the_run_says_pdb(house: Household, isolation: str) -> None:
    house.write(FAILS)

    with at_terminal(house, "flow.py", "run", "--pdb", "--isolation", isolation) as person:
        before = person.expect(PROMPT)
        person.type("p 'value is', value\n")
        person.expect("('value is', 41)")
        person.answer(PROMPT, "u")
        person.answer(PROMPT, "p 'local is', local, self.before")
        person.expect("('local is', 41, 'kept')")
        person.answer(PROMPT, "q")
        status = person.leaves()

    assert status == 1
    assert "ZeroDivisionError: division by zero" in before
    task = house.latest("FailFlow")["start"].task
    assert task.data.before == "kept"
    assert task.exception is not None
    assert task.exception.type == "builtins.ZeroDivisionError"


def test_pdb_stops_in_a_step_that_has_retry_catch_and_a_time_limit_before_they_do_anything(house: Household) -> None:
    house.write(
        FAILS.replace("class Fail", "from flagstone import catch, retry, timeout\n\nclass Fail").replace(
            "    @step\n    def start",
            "    @retry(times=1, minutes_between_retries=0)\n    @catch(var='error')\n    @timeout(hours=1)\n"
            "    @step\n    def start",
        )
    )

    with at_terminal(house, "flow.py", "run", "--pdb") as person:
        for _ in range(2):
            person.answer(PROMPT, "p 'value is', value\n")
            person.expect("('value is', 41)")
            person.answer(PROMPT, "q")
        status = person.leaves()

    assert status == 0, "after a look at each failure, the step is caught"
    task = house.latest("FailFlow")["start"].task
    assert task.data.error.type == "builtins.ZeroDivisionError"
    assert len(list(task.attempts)) == 2


def test_who_quits_at_a_breakpoint_ends_the_task_whatever_it_is_decorated_with(house: Household) -> None:
    house.write(
        STOPS.replace("class Stop", "from flagstone import catch, retry\n\nclass Stop").replace(
            "    @step\n    def start", "    @retry\n    @catch(var='error')\n    @step\n    def start"
        )
    )

    with at_terminal(house, "flow.py", "run") as person:
        person.answer(PROMPT, "q")
        status = person.leaves()

    assert status == 1
    assert len(list(house.latest("StopFlow")["start"].task.attempts)) == 1


def test_pdb_without_a_terminal_is_refused_before_anything_runs(house: Household) -> None:
    house.write(FAILS)

    done = house.run("flow.py", "run", "--pdb", status=1)

    assert "--pdb needs a terminal" in done.err
    assert house.flagstone("runs").out.startswith("no runs")


def test_a_resume_stops_at_a_failure_too(house: Household) -> None:
    house.write(FAILS)
    house.run("flow.py", "run", status=1)

    with at_terminal(house, "flow.py", "resume", "--pdb") as person:
        person.answer(PROMPT, "q")
        status = person.leaves()

    assert status == 1


def test_a_run_that_is_killed_at_a_prompt_leaves_nothing_behind(house: Household) -> None:
    house.write(STOPS)

    with at_terminal(house, "flow.py", "run") as person:
        person.expect(PROMPT)
        left = [name for name in os.listdir(house.home / "tmp") if name.startswith("terminal")]
        person.type("import os, signal; os.kill(os.getpid(), signal.SIGKILL)\n")
        status = person.leaves()

    assert status == 1
    assert left
    assert house.latest("StopFlow")["start"].task.status == "lost"
    house.assert_whole()
