"""Configs, included files and typed parameters, from the command line to the client."""

import json
from datetime import date
from pathlib import Path

import pytest

from flagstone import Flow
from tests.acceptance.household import Household

FLOW = """
import os, tomllib
from datetime import date
from flagstone import Config, FlowSpec, IncludeFile, Parameter, config_expr, resources, step

class InputFlow(FlowSpec):
    cfg = Config("cfg", default="conf.toml", parser=tomllib.loads)
    extra = Config("extra", default_value={"k": [1, 2]})
    epochs = Parameter("epochs", default=cfg.train.epochs)
    day = Parameter("day", type=date, default="2026-01-31")
    size = Parameter("size", choices=["s", "m"], default="m")
    data = IncludeFile("data", default="data.csv")

    @resources(cpu=config_expr("cfg.train.cpu / 2"))
    @step
    def start(self):
        self.got = [self.epochs, self.cfg.train.epochs, self.extra.k, self.data, self.day.isoformat(), self.size]
        self.known = dict(**self.cfg.train)
        self.next(self.end)

    @step
    def end(self):
        self.seen = self.extra.k
        if os.path.exists("fail"):
            raise RuntimeError("not now")

if __name__ == "__main__":
    InputFlow()
"""


@pytest.fixture
def work(house: Household) -> Path:
    house.write(FLOW)
    (house.work / "conf.toml").write_text("[train]\nepochs = 7\ncpu = 1\n")
    (house.work / "data.csv").write_text("a,b\n")
    return house.work


def got(house: Household) -> object:
    return house.value("InputFlow", "got", step="start")


def cpu(house: Household) -> float:
    run = house.latest("InputFlow")
    return run._run.plan.steps[0].resources.cpu


def test_defaults_files_values_and_the_environment_are_seen_everywhere(house: Household, work: Path) -> None:
    (work / "big.toml").write_text("[train]\nepochs = 9\ncpu = 2\n")

    house.run("flow.py", "run")
    assert got(house) == [7, 7, [1, 2], "a,b\n", "2026-01-31", "m"]
    assert cpu(house) == 0.5

    house.run("flow.py", "--config", "cfg", "big.toml", "--config-value", "extra", '{"k": 3}', "run", "--size", "s")
    assert got(house) == [9, 9, 3, "a,b\n", "2026-01-31", "s"]
    assert cpu(house) == 1

    house.flagstone("run", "flow.py", "--config", "cfg", "big.toml", "--epochs", "1", "--day", "2025-12-24")
    assert got(house) == [1, 9, [1, 2], "a,b\n", "2025-12-24", "m"]

    house.environment |= {
        "FLAGSTONE_FLOW_CONFIG": '{"cfg": "big.toml"}',
        "METAFLOW_FLOW_CONFIG_VALUE": '{"extra": {"k": 4}, "of another flow": 1}',
        "METAFLOW_RUN_SIZE": "s",
    }
    house.run("flow.py", "--config-value", "extra", '{"k": 5}', "run", "--isolation", "spawn")
    assert got(house) == [9, 9, 5, "a,b\n", "2026-01-31", "s"]


def test_a_run_keeps_its_inputs_for_the_client_and_for_show(house: Household, work: Path) -> None:
    house.run("flow.py", "run")

    data = house.data("InputFlow")
    assert data.cfg.train.epochs == 7
    assert data.extra == {"k": [1, 2]}
    assert data.day == date(2026, 1, 31)
    assert data.data == "a,b\n"
    assert [run.id for run in Flow("InputFlow").runs(parameters={"day": date(2026, 1, 31), "size": "m"})] == ["1"]
    shown = house.flagstone("show", "InputFlow/1").out
    assert "extra={'k': [1, 2]}" in shown
    assert "data.csv blake3:" in shown
    plan = json.loads(house.run("flow.py", "show", "--json").out)
    assert [(p["name"], p["type"], p["choices"]) for p in plan["parameters"]] == [
        ("epochs", "int", []),
        ("day", "date", []),
        ("size", "choice", ["s", "m"]),
        ("data", "file", []),
    ]
    assert [config["name"] for config in plan["configs"]] == ["cfg", "extra"]


def test_a_resumed_run_has_the_inputs_of_its_origin_everywhere(house: Household, work: Path) -> None:
    (work / "fail").touch()
    small = '{"train": {"epochs": 2, "cpu": 2}}'
    house.run("flow.py", "--config-value", "extra", '{"k": 3}', "--config-value", "cfg", small, "run", status=1)
    (work / "conf.toml").unlink()
    (work / "data.csv").unlink()
    (work / "fail").unlink()

    house.run("flow.py", "resume")

    data = house.data("InputFlow")
    assert data.seen == 3
    assert data.epochs == 2
    assert data.data == "a,b\n"
    assert cpu(house) == 1, "decorators have the configs of the origin, too"
    refused = house.run("flow.py", "--config-value", "extra", "{}", "resume", status=2)
    assert "has the configs of its origin" in refused.err


def test_a_spun_step_has_the_configs_of_its_origin_in_its_decorators_too(house: Household, work: Path) -> None:
    house.run("flow.py", "--config-value", "extra", '{"k": 3}', "run")
    (work / "conf.toml").write_text("[train]\nepochs = 100\ncpu = 1\n")

    spun = json.loads(house.run("flow.py", "spin", "start", "--json", "--persist").out.splitlines()[-1])

    assert {left["name"]: left["verdict"] for left in spun["artifacts"]} == {"got": "same", "known": "same"}


def test_a_config_cannot_be_changed_in_a_step(house: Household) -> None:
    house.write("""
        from flagstone import Config, FlowSpec, step

        class FixedFlow(FlowSpec):
            cfg = Config("cfg", default_value={"a": {"b": 1}})

            @step
            def start(self):
                for write in ("self.cfg = 1", "self.cfg.a.b = 1", "self.cfg['a'] = 1", "del self.cfg"):
                    try:
                        exec(write)
                    except (AttributeError, TypeError) as error:
                        print("refused:", error)
                self.next(self.end)

            @step
            def end(self):
                pass

        if __name__ == "__main__":
            FixedFlow()
    """)

    done = house.run("flow.py", "run")

    assert done.out.count("refused:") == 4
    assert "is a config: it cannot be assigned" in done.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["run", "--size", "xl"], "'xl' is none of s, m"),
        (["run", "--day", "someday"], "'someday' is not a date"),
        (["run", "--data", "nowhere.csv"], "nowhere.csv cannot be read: No such file or directory"),
        (["run", "--data", "s3://bucket/x"], "is not on this machine"),
        (["--config", "cfg", "nowhere.toml", "run"], "there is no file nowhere.toml"),
        (["--config-value", "cfg", "{", "run"], "loads raised TOMLDecodeError"),
        (["--config-value", "cfg", '{"train": {}}', "run"], "no 'epochs' in this config"),
        (["--config-value", "nope", "{}", "run"], "InputFlow has no such config"),
        (["--config", "extra", "x", "--config-value", "extra", "{}", "run"], "by --config and by --config-value"),
        (["--config-value", "cfg", '{"train": {"epochs": "x", "cpu": []}}', "run"], "TypeError"),
    ],
)
def test_bad_input_is_told_before_anything_runs(house: Household, work: Path, words: list[str], said: str) -> None:
    done = house.run("flow.py", *words, status=2)

    assert said in done.err
    assert "flow.py:" in done.err or "no such config" in said or "and by" in said
    assert not (house.home / "flagstone.db").exists()


def test_a_bad_value_of_the_environment_is_told_with_its_variable(house: Household, work: Path) -> None:
    house.environment["FLAGSTONE_RUN_DAY"] = "someday"

    assert "FLAGSTONE_RUN_DAY" in house.run("flow.py", "run", status=2).err

    house.environment["FLAGSTONE_FLOW_CONFIG"] = "[1"
    assert "FLAGSTONE_FLOW_CONFIG: the variable is not a JSON object" in house.run("flow.py", "run", status=2).err


def test_a_file_is_stored_once_and_only_read_by_the_tasks_that_ask_for_it(house: Household) -> None:
    (house.work / "large.bin").write_bytes(bytes(range(256)) * 40_000)
    house.write("""
        from flagstone import FlowSpec, IncludeFile, step
        import resource

        class LargeFlow(FlowSpec):
            data = IncludeFile("data", is_text=False, default="large.bin")

            @step
            def start(self):
                self.read = "data" in self._flagstone.reads
                self.next(self.end)

            @step
            def end(self):
                self.size = len(self.data)

        if __name__ == "__main__":
            LargeFlow()
    """)

    house.run("flow.py", "run")
    blobs = house.blobs()
    house.run("flow.py", "run")

    assert house.blobs() == blobs
    assert house.data("LargeFlow").size == 256 * 40_000
    assert house.data("LargeFlow").read is False


def test_configs_are_given_from_python_and_forgotten_after_the_call(house: Household) -> None:
    house.write("""
        from flagstone import Config, FlowSpec, Parameter, config_expr, resources, step

        class CalledFlow(FlowSpec):
            cfg = Config("settings", default_value={"n": 1})
            p = Parameter("p", default=cfg.n)

            @resources(cpu=config_expr("cfg.n / 10"))
            @step
            def start(self):
                self.got = self.p + self.cfg.n
                self.next(self.end)

            @step
            def end(self):
                pass

        if __name__ == "__main__":
            CalledFlow()
    """)
    house.write("""
        from flow import CalledFlow
        from flagstone import Runner
        from flagstone.testing import run_step

        def called(**given):
            return CalledFlow.run(show_output=False, **given)["start"].task["got"].data

        print(run_step(CalledFlow, "start").got, run_step(CalledFlow, "start", configs={"settings": '{"n": 6}'}).got)
        print(called(), called(config_value=[("settings", {"n": 2})]), called())
        with Runner("flow.py", show_output=False, config_value=[("settings", {"n": 3})]) as runner:
            print(runner.run().run["start"].task["got"].data)
        """, "calls.py")  # fmt: skip

    assert house.run("calls.py").out.split() == ["2", "12", "2", "4", "2", "6"]
