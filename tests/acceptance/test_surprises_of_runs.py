"""What surprises people elsewhere does not surprise them here: how runs fail, wait, choose, resume and are spun.

docs/explanation/surprises.md lists them with the names of these tests.
"""

import json

import pytest

from flagstone import Run
from tests.acceptance.household import Household

HALF = """
import pathlib, time
from flagstone import FlowSpec, card, current, step

class HalfFlow(FlowSpec):
    @step
    def start(self):
        self.next(self.good, self.bad)

    @step
    def good(self):
        pathlib.Path("good-began").touch()
        time.sleep(0.6)
        self.kept = "yes"
        self.next(self.join)

    @card
    @step
    def bad(self):
        while not pathlib.Path("good-began").exists():
            time.sleep(0.01)
        self.progress = "half way"
        current.card.append("half way")
        current.card.refresh()
        self.shown = len(current.card.components)
        print("about to break")
        if self.progress:
            raise ValueError("this one is bad")
        self.next(self.join)

    @step
    def join(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass
"""


def test_when_a_branch_fails_its_running_siblings_finish_and_are_kept(house: Household) -> None:
    house.write(HALF)

    done = house.run("flow.py", "run", "--max-workers", 2, status=1)

    run = house.latest("HalfFlow")
    assert (run["good"].task.status, run["good"].task.data.kept) == ("succeeded", "yes")
    assert run["bad"].task.pathspec in done.err
    assert "python flow.py resume" in done.err
    house.assert_whole()


def test_a_failed_run_is_finished_and_a_run_that_resumed_nothing_has_no_origin(house: Household) -> None:
    house.write(HALF)

    house.run("flow.py", "run", "--max-workers", 2, status=1)

    run = house.latest("HalfFlow")
    assert (run.status, run.finished, run.successful) == ("failed", True, False)
    assert run.finished_at is not None
    assert run.origin_pathspec is None
    assert run["bad"].origin_pathspec is None
    assert run["bad"].task.origin_pathspec is None


def test_a_failed_task_keeps_what_it_had_on_self_and_its_card_hides_nothing(house: Household) -> None:
    house.write(HALF)

    house.run("flow.py", "run", "--max-workers", 2, status=1)

    bad = house.latest("HalfFlow")["bad"].task
    assert (bad.status, bad.finished, bad.stdout) == ("failed", True, "about to break\n")
    assert (bad.data.progress, bad.data.shown) == ("half way", 1)
    assert "this one is bad" in str(bad.exception)


RETRIED = """
from flagstone import FlowSpec, current, retry, step

class RetriedFlow(FlowSpec):
    @retry(times=6, minutes_between_retries=0)
    @step
    def start(self):
        if current.retry_count < 6:
            raise RuntimeError("not yet")
        self.next(self.slow)

    @retry(times=1, minutes_between_retries=0.01)
    @step
    def slow(self):
        if current.retry_count == 0:
            raise RuntimeError("once")
        self.next(self.end)

    @step
    def end(self):
        pass
"""


def test_a_retry_waits_its_minutes_on_this_machine_too(house: Household) -> None:
    house.write(RETRIED)

    house.run("flow.py", "run")

    first, second = house.latest("RetriedFlow")["slow"].task.attempts
    assert first.finished_at is not None
    assert (second.created_at - first.finished_at).total_seconds() >= 0.6


def test_a_step_may_be_retried_more_than_four_times(house: Household) -> None:
    house.write(RETRIED)

    house.run("flow.py", "run")

    statuses = [attempt.status for attempt in house.latest("RetriedFlow")["start"].task.attempts]
    assert statuses == [*["failed"] * 6, "succeeded"]


def test_a_retry_from_the_command_line_leaves_a_step_alone_that_says_zero_times(house: Household) -> None:
    house.write("""
        from flagstone import FlowSpec, retry, step

        class OnceFlow(FlowSpec):
            @step
            def start(self):
                self.next(self.free, self.once)

            @step
            def free(self):
                raise RuntimeError("as often as you like")
                self.next(self.join)

            @retry(times=0)
            @step
            def once(self):
                raise RuntimeError("it must not happen twice")
                self.next(self.join)

            @step
            def join(self, inputs):
                self.next(self.end)

            @step
            def end(self):
                pass
    """)

    house.run("flow.py", "run", "--keep-going", "--with", "retry:times=2,minutes_between_retries=0", status=1)

    run = house.latest("OnceFlow")
    assert (len(run["free"].task.attempts), len(run["once"].task.attempts)) == (3, 1)


CHOOSING = """
class ChoosingFlow(FlowSpec):
    size = Parameter("size", default="large")

    @step
    def start(self):
        self.next({"small": self.few, "large": self.many}, condition="size")

    @step
    def few(self):
        self.next(self.end)

    @step
    def many(self):
        self.next(self.end)

    @step
    def end(self):
        pass
"""


def test_a_value_that_no_case_of_a_switch_has_is_shown_beside_the_cases(house: Household) -> None:
    house.write(CHOOSING)

    done = house.run("flow.py", "run", "--size", "huge", status=1)

    assert all(word in done.err for word in ("huge", "small", "large", "size", "flow.py:7"))
    assert house.latest("ChoosingFlow")["start"].task.status == "failed"


@pytest.mark.parametrize("size", [0, -1, "'two'", 1.5, None])
def test_a_gang_of_fewer_than_one_task_is_refused(house: Household, size: object) -> None:
    house.write(f"""
        from flagstone import FlowSpec, parallel, step

        class NobodyFlow(FlowSpec):
            @step
            def start(self):
                self.size = {size}
                self.next(self.train, num_parallel=self.size)

            @parallel
            @step
            def train(self):
                self.next(self.join)

            @step
            def join(self, inputs):
                self.next(self.end)

            @step
            def end(self):
                pass
    """)

    done = house.run("flow.py", "run", status=1)

    assert "num_parallel" in done.err
    assert str(size) in done.err
    assert "flow.py:" in done.err


BROKEN = """
import pathlib

class AgainFlow(FlowSpec):
    @step
    def start(self):
        self.ran = 1
        self.next(self.second)

    @step
    def second(self):
        if not pathlib.Path("two").exists():
            raise RuntimeError("second")
        self.next(self.end)

    @step
    def end(self):
        if not pathlib.Path("three").exists():
            raise RuntimeError("third")
"""


def test_a_second_resume_goes_on_from_the_first(house: Household) -> None:
    house.write(BROKEN)
    house.run("flow.py", "run", status=1)
    (house.work / "two").touch()
    house.run("flow.py", "resume", status=1)
    (house.work / "three").touch()

    house.run("flow.py", "resume")

    second = Run("AgainFlow/3")
    assert (second.origin_pathspec, second.successful) == ("AgainFlow/2", True)
    assert second["second"].task.origin_pathspec == "AgainFlow/2/second/2"
    assert second["start"].task.origin_pathspec == "AgainFlow/1/start/1"


def test_a_spin_has_the_configs_of_its_origin_in_decorators_and_in_the_step(house: Household) -> None:
    house.write("""
        import os
        from flagstone import Config, FlowSpec, environment, step

        class SpunFlow(FlowSpec):
            cfg = Config("cfg", default_value={"name": "default"})

            @environment(vars={"NAME": cfg.name})
            @step
            def start(self):
                self.seen = os.environ["NAME"], self.cfg.name
                self.next(self.end)

            @step
            def end(self):
                pass
    """)
    house.run("flow.py", "--config-value", "cfg", '{"name": "given"}', "run")

    spun = json.loads(house.run("flow.py", "spin", "start", "--json").out.splitlines()[-1])

    assert house.value("SpunFlow", "seen", "start") == ("given", "given")
    assert {left["name"]: left["verdict"] for left in spun["artifacts"]} == {"seen": "same"}
