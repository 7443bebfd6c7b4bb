"""`--config` and `--config-value` wherever they stand, and the options that are made of what they say."""

from pathlib import Path
from typing import Any

import click
import pytest

from flagstone.cli.door import Door
from flagstone.cli.flow_command import option_pairs, option_value
from flagstone.cli.verbs import resume, run
from flagstone.dsl.flow import FlowSpec
from flagstone.model.errors import InvalidConfig
from tests.flows import flow_class

FLOW = """
from flagstone import Config

class ConfFlow(FlowSpec):
    cfg = Config("cfg", default_value={"choices": ["a", "b"]})
    pick = Parameter("pick", choices=cfg.choices)

    @step
    def start(self):
        pass
"""


@pytest.fixture
def flow(tmp_path: Path) -> type[FlowSpec]:
    return flow_class(tmp_path, FLOW)


def understood(flow: type[FlowSpec], *words: str, **before: Any) -> dict[str, Any]:
    door = Door("python flow.py", flow, **before)
    context = run.script_command(flow).make_context("run", list(words), obj=door)
    return context.params


def test_the_choices_are_those_of_the_config(flow: type[FlowSpec]) -> None:
    assert understood(flow, "--pick", "b")["parameter_pick"].value == "b"


def test_a_config_may_be_given_after_the_verb(flow: type[FlowSpec]) -> None:
    found = understood(flow, "--pick", "z", "--config-value", "cfg", '{"choices": ["z"]}')

    assert found["parameter_pick"].value == "z"
    assert flow.__flagstone__.config_values == {"cfg": {"choices": ["z"]}}


def test_one_config_cannot_be_given_twice_in_two_ways(flow: type[FlowSpec], tmp_path: Path) -> None:
    with pytest.raises(InvalidConfig, match="given by --config and by --config-value"):
        understood(flow, "--config-value", "cfg", "{}", config_files=(("cfg", str(tmp_path)),))


@pytest.mark.parametrize("words", [("--config", "cfg", "x.json"), ("--config-value", "cfg", "{}")])
def test_a_resume_takes_no_configs(flow: type[FlowSpec], words: tuple[str, ...]) -> None:
    with pytest.raises(click.UsageError, match="has the configs of its origin"):
        resume.script_command(flow).make_context("resume", list(words), obj=Door("python flow.py", flow))


def test_a_parameter_called_config_keeps_its_name(tmp_path: Path) -> None:
    flow = flow_class(tmp_path, FLOW.replace('Parameter("pick"', 'Parameter("config"'))

    assert understood(flow, "--config", "b")["parameter_pick"].value == "b"


def test_words_are_looked_for_before_they_are_understood() -> None:
    words = ["--x", "1", "--config", "a", "b", "--config", "c", "d", "--origin-run-id=7", "--config", "left"]

    assert option_pairs(words, "--config") == (("a", "b"), ("c", "d"))
    assert option_value(words, "--origin-run-id") == "7"
    assert option_value(["--origin-run-id", "8"], "--origin-run-id") == "8"
    assert option_value(words, "--y") is None
