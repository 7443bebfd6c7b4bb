"""Built-in decorators in real runs: environments, projects, exit hooks, triggers, and what is only recorded."""

import signal

import pytest

from flagstone import Run
from flagstone.dsl.current import FIELDS
from tests.acceptance.household import Household, wait_for

TWO = """
    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        pass
"""


@pytest.mark.parametrize("isolation", ["fork", "worker", "inline", "spawn"])
def test_an_environment_is_that_of_one_step_and_of_what_it_starts(house: Household, isolation: str) -> None:
    house.write(
        """
        import os, subprocess
        from flagstone import FlowSpec, environment, step

        class EnvFlow(FlowSpec):
            @environment(vars={"COLOUR": "teal", "N": 4})
            @step
            def start(self):
                self.own = os.environ["COLOUR"]
                self.childs = subprocess.run("echo $COLOUR $N", shell=True, capture_output=True, text=True).stdout
                self.next(self.end)

            @step
            def end(self):
                self.after = os.environ.get("COLOUR")
        """
    )

    house.run("flow.py", "run", "--isolation", isolation, "--max-workers", 1)

    assert [house.value("EnvFlow", name) for name in ("own", "childs", "after")] == ["teal", "teal 4\n", None]


def test_with_puts_a_decorator_on_the_steps_that_lack_it_and_so_does_the_setting(house: Household) -> None:
    house.write(
        """
        import os
        from flagstone import FlowSpec, environment, step

        class WithFlow(FlowSpec):
            @environment(vars={"A": "own"})
            @step
            def start(self):
                self.first = os.environ["A"]
                self.next(self.end)

            @step
            def end(self):
                self.second = os.environ["A"]
        """
    )
    word = 'environment:vars={"A":"%s"}'
    house.environment["FLAGSTONE_DEFAULT_DECOSPECS"] = word % "setting"

    house.run("flow.py", "run")
    by_setting = [house.value("WithFlow", name) for name in ("first", "second")]
    house.run("flow.py", "--with", word % "option", "run")
    by_option = [house.value("WithFlow", name) for name in ("first", "second")]

    assert (by_setting, by_option) == (["own", "setting"], ["own", "option"])
    assert "nosuch" in house.run("flow.py", "run", "--with", "nosuch:a=1", status=1).err


def test_decorators_of_engines_that_are_not_here_are_recorded_and_explained_once_each(house: Household) -> None:
    house.write(
        """
        from flagstone import FlowSpec, batch, conda, conda_base, kubernetes, schedule, step, trigger

        @schedule(hourly=True)
        @trigger(event="data")
        @conda_base(packages={"pandas": "2.2"})
        class FarFlow(FlowSpec):
            @kubernetes(cpu=64, memory=900_000)
            @step
            def start(self):
                self.next(self.a, self.b)

            @kubernetes
            @step
            def a(self):
                self.next(self.join)

            @batch(queue="big")
            @conda(packages={"numpy": "2.0"})
            @step
            def b(self):
                self.next(self.join)

            @step
            def join(self, inputs):
                self.next(self.end)

            @step
            def end(self):
                pass
        """
    )

    said = house.run("flow.py", "run").out

    names = ("kubernetes", "batch", "conda", "schedule", "trigger", "conda_base")
    assert [said.count(f"@{name} is recorded; ") for name in names] == [1] * len(names)


def test_a_project_has_branches_tags_and_options(house: Household) -> None:
    house.write(
        """
        from flagstone import FlowSpec, current, project, step

        @project(name="shop")
        class ShopFlow(FlowSpec):
            @step
            def start(self):
                self.branch = current.branch_name, current.is_production, current.is_user_branch
                self.names = current.project_name, current.project_flow_name
                self.next(self.end)

            @step
            def end(self):
                pass
        """
    )

    house.run("flow.py", "run")
    house.run("flow.py", "--branch", "trial", "run")
    house.run("flow.py", "run", "--production", "--branch", "next")
    house.environment["FLAGSTONE_BRANCH"] = "set"
    house.flagstone("run", "flow.py")

    assert [Run(f"ShopFlow/{number}")["start"].task["branch"].data for number in (1, 2, 3, 4)] == [
        ("user.tester", False, True),
        ("test.trial", False, False),
        ("prod.next", True, False),
        ("test.set", False, False),
    ]
    assert {"project:shop", "project_branch:prod.next"} <= Run("ShopFlow/3").system_tags
    assert house.value("ShopFlow", "names", "start") == ("shop", "shop.test.set.ShopFlow")


def test_a_branch_that_contradicts_the_decorator_starts_nothing(house: Household) -> None:
    house.write(
        "from flagstone import FlowSpec, project, step\n@project(name='shop', branch='a')\nclass ShopFlow(FlowSpec):"
        + TWO
    )
    done = house.run("flow.py", "--branch", "b", "run", status=2)

    assert "'a' in @project and 'b'" in done.err


HOOKS = """
from flagstone import FlowSpec, Parameter, exit_hook, step

def good(run):
    print("ended", run.pathspec, run.successful)

def bad():
    raise ValueError("not today")

@exit_hook(on_success=[good, bad], on_error=[good])
class HookFlow(FlowSpec):
    fail = Parameter("fail", default=False)

    @step
    def start(self):
        if self.fail:
            raise RuntimeError("no")
        self.next(self.end)

    @step
    def end(self):
        pass

if __name__ == "__main__":
    HookFlow()
"""


def test_exit_hooks_are_called_when_the_run_has_ended_and_change_nothing_about_it(house: Household) -> None:
    house.write(HOOKS)

    succeeded = house.run("flow.py", "run")
    failed = house.run("flow.py", "run", "--fail", "true", status=1)
    resumed = house.run("flow.py", "resume", "--fail", "false")

    assert "[good] ended HookFlow/1 True" in succeeded.out
    assert "ValueError: not today" in succeeded.out
    assert "exit hook bad failed with exit status 1" in succeeded.out
    assert "[good] ended HookFlow/2 False" in failed.out
    assert "[good] ended HookFlow/3 True" in resumed.out
    assert "ended HookFlow/1 True" in (house.home / "logs" / "HookFlow" / "1" / "exit_hooks.log").read_text()
    assert Run("HookFlow/1").successful


def test_a_finished_run_can_be_named_as_what_started_another_one(house: Household) -> None:
    house.write("class FirstFlow(FlowSpec):" + TWO, "first.py")
    house.write(
        """
        from flagstone import FlowSpec, current, step, trigger_on_finish

        @trigger_on_finish(flow="FirstFlow")
        class SecondFlow(FlowSpec):
            @step
            def start(self):
                self.by = None if current.trigger is None else current.trigger.run.pathspec
                self.next(self.end)

            @step
            def end(self):
                pass
        """
    )
    house.run("first.py", "run")

    house.run("flow.py", "run")
    alone = house.value("SecondFlow", "by", "start")
    house.run("flow.py", "--trigger", "FirstFlow/latest", "run")
    triggered = house.value("SecondFlow", "by", "start")

    assert (alone, triggered) == (None, "FirstFlow/1")
    assert "is not started by SecondFlow" in house.run("flow.py", "run", "--trigger", "SecondFlow/1", status=2).err
    assert "does not exist" in house.run("flow.py", "run", "--trigger", "FirstFlow/9", status=1).err


def test_a_step_may_fill_cards_before_there_are_any(house: Household) -> None:
    house.write(
        """
        from flagstone import FlowSpec, card, current, step

        class CardFlow(FlowSpec):
            @card(id="other")
            @card
            @step
            def start(self):
                current.card.append("a")
                current.card.extend(["b", "c"])
                current.card["other"].append("d")
                current.card.refresh()
                self.counts = len(current.card.components), len(current.card["other"].components)
                current.card.clear()
                self.next(self.end)

            @step
            def end(self):
                self.has = "card" in current
        """
    )

    house.run("flow.py", "run")

    assert house.value("CardFlow", "counts") == (3, 1)
    assert house.value("CardFlow", "has") is False


def test_a_stopped_run_calls_the_hooks_for_errors(house: Household) -> None:
    waits = 'open("marks", "w").write("here\\n"); __import__("time").sleep(60)'
    house.write(HOOKS.replace("if self.fail:", f"{waits}\n        if self.fail:"))
    with (house.work / "out").open("wb") as out:
        process = house.start("flow.py", "run", out=out)
    wait_for(lambda: house.lines() == ["here"], "the step to begin")

    process.send_signal(signal.SIGINT)
    process.wait(30)

    assert "[good] ended HookFlow/1 False" in (house.work / "out").read_text()


def test_current_has_the_fields_that_the_reference_lists_and_says_where_the_others_are(house: Household) -> None:
    house.write(
        """
        from flagstone import FlowSpec, card, current, parallel, project, step, trigger_on_finish

        @project(name="fields")
        @trigger_on_finish(flow="OtherFlow")
        class FieldsFlow(FlowSpec):
            @step
            def start(self):
                try:
                    current.parallel
                except AttributeError as error:
                    self.refused = str(error)
                self.next(self.train, num_parallel=1)

            @card
            @parallel
            @step
            def train(self):
                self.fields = dir(current)
                self.next(self.join)

            @step
            def join(self, inputs):
                self.fields = inputs[0].fields
                self.next(self.end)

            @step
            def end(self):
                pass
        """
    )

    house.run("flow.py", "run")

    assert set(house.data("FieldsFlow").fields) == {*FIELDS, "is_running_flow", "get"}
    assert "there is one in steps with @parallel" in str(house.value("FieldsFlow", "refused", "start"))
