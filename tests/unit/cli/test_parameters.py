"""A flow's parameters are options: typed, explained, from the command line or the environment."""

from typing import Any

import click
import pytest

from flagstone.cli.parameters import parameter_options, parameter_values
from flagstone.dsl.flow import FlowSpec
from flagstone.model.errors import InvalidParameter
from tests.flows import flow_class

FLOW = """
class ParamFlow(FlowSpec):
    count = Parameter("count", default=3, help="how many")
    rate = Parameter("rate", type=float, required=True)
    shape = Parameter("a-shape", type=JSONType, default='{"a": 1}')
    switch = Parameter("switch", is_flag=True, default=True)
    truth = Parameter("truth", type=bool, default=False)
    words = Parameter("words", separator=",", default="x,y")
    many = Parameter("many", multiple=True)
    later = Parameter("later", default=lambda: "z")
    hidden = Parameter("hidden", default="secret", show_default=False)

    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        pass
"""


@pytest.fixture(scope="module")
def flow(tmp_path_factory: pytest.TempPathFactory) -> type[FlowSpec]:
    return flow_class(tmp_path_factory.mktemp("flow"), FLOW)


def given(flow: type[FlowSpec], *words: str) -> dict[str, Any]:
    context = click.Command("run", params=parameter_options(flow)).make_context("run", list(words))
    return parameter_values(flow, context.params)


def explained(flow: type[FlowSpec], *, resuming: bool = False) -> str:
    command = click.Command("run", params=parameter_options(flow, resuming=resuming))
    return command.get_help(click.Context(command, terminal_width=200))


def test_what_is_not_given_is_left_to_the_flow(flow: type[FlowSpec], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FLAGSTONE_RUN_COUNT", raising=False)

    assert given(flow) == {}


@pytest.mark.parametrize(
    ("words", "values"),
    [
        (["--count", "7"], {"count": 7}),
        (["--count", "-7"], {"count": -7}),
        (["--rate", "1e-3"], {"rate": 0.001}),
        (["--a-shape", '{"b": [1]}'], {"shape": {"b": [1]}}),
        (["--a-shape", "null"], {"shape": None}),
        (["--a-shape", "[]"], {"shape": []}),
        (["--switch"], {"switch": True}),
        (["--no-switch"], {"switch": False}),
        (["--truth", "yes"], {"truth": True}),
        (["--truth", "0"], {"truth": False}),
        (["--words", "p,q"], {"words": ["p", "q"]}),
        (["--many", "a", "--many", "b"], {"many": ["a", "b"]}),
        (["--later", ""], {"later": ""}),
        (["--hidden", "--x"], {"hidden": "--x"}),
    ],
)
def test_words_become_values(flow: type[FlowSpec], words: list[str], values: dict[str, Any]) -> None:
    assert given(flow, *words) == values


@pytest.mark.parametrize(
    "words", [["--count", "seven"], ["--rate", "fast"], ["--a-shape", "{oops"], ["--truth", "perhaps"]]
)
def test_a_value_of_the_wrong_type_is_refused_by_the_parameter(flow: type[FlowSpec], words: list[str]) -> None:
    with pytest.raises(InvalidParameter, match=words[0].removeprefix("--")):
        given(flow, *words)


def test_the_environment_gives_a_value_and_the_command_line_wins(
    flow: type[FlowSpec], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLAGSTONE_RUN_COUNT", "11")
    monkeypatch.setenv("FLAGSTONE_RUN_A_SHAPE", "[2]")

    assert given(flow) == {"count": 11, "shape": [2]}
    assert given(flow, "--count", "12")["count"] == 12


def test_help_tells_type_default_and_what_is_required(flow: type[FlowSpec]) -> None:
    text = " ".join(explained(flow).split())

    assert "--count INTEGER" in text
    assert "how many [default: 3]" in text
    assert "--rate NUMBER" in text
    assert "[required]" in text
    assert '--a-shape JSON [default: {"a": 1}]' in text
    assert "[default: computed at the start]" in text
    assert "secret" not in text


def test_help_of_resume_promises_the_values_of_the_origin(flow: type[FlowSpec]) -> None:
    assert "as in the run that is resumed" in explained(flow, resuming=True)
