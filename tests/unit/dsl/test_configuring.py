"""A flow is settled: the values of its configs stand where the class body left a place for them."""

from pathlib import Path
from typing import Any

import pytest

from flagstone.dsl import configuring
from flagstone.dsl.config_reading import Given
from flagstone.dsl.config_value import ConfigValue
from flagstone.dsl.flow import FlowSpec
from flagstone.dsl.reading import read_plan
from flagstone.dsl.specs import attach
from flagstone.model.declarations import Needs
from flagstone.model.errors import InvalidConfig, InvalidDeclaration, InvalidName, InvalidParameter
from tests.flows import flow_class

FLOW = """
from flagstone import Config, config_expr, resources
from flagstone.dsl.step import declare
from flagstone.model.declarations import Isolation, Needs

def unread(**arguments):
    return lambda function: declare(function, Needs(**arguments))

class ConfiguredFlow(FlowSpec):
    cfg = Config("settings", default_value={"cpu": 2, "epochs": 7, "words": ["a"], "needs": {"cpu": 3}})
    other = Config("other")
    epochs = Parameter("epochs", default=cfg.epochs, help=config_expr("f'up to {settings.epochs}'"))
    word = Parameter("word", choices=cfg.words)
    constant = cfg.epochs
    table = {"inside": [config_expr("cfg.epochs + 1")]}

    @resources(cpu=cfg.cpu)
    @step
    def start(self):
        self.next(self.middle)

    @unread(cpu=cfg.cpu)
    @step
    def middle(self):
        self.next(self.end)

    @resources(**cfg.needs)
    @step
    def end(self):
        pass
"""


@pytest.fixture
def flow(tmp_path: Path) -> type[FlowSpec]:
    return flow_class(tmp_path, FLOW)


def cpus(flow: type[FlowSpec]) -> list[Any]:
    return [d.cpu for step in read_plan(flow).steps for d in step.declarations if isinstance(d, Needs)]


def give(flow: type[FlowSpec], **values: Any) -> None:
    configuring.offer(flow, {name: Given("the test", value=value) for name, value in values.items()})


def test_the_plan_has_the_values_of_the_defaults(flow: type[FlowSpec]) -> None:
    plan = read_plan(flow)

    assert cpus(flow) == [2, 2, 3]
    assert [(p.name, p.default, p.help, p.choices) for p in plan.parameters] == [
        ("epochs", "7", "up to 7", ()),
        ("word", None, "", ("a",)),
    ]
    assert [(config.name, config.attribute) for config in plan.configs] == [("settings", "cfg"), ("other", "other")]
    assert flow.__flagstone__.constants == {"constant": 7, "table": {"inside": [8]}}
    assert vars(flow)["constant"] == 7
    assert flow.cfg.epochs == 7  # type: ignore[attr-defined]  # the test's own
    assert flow.other is None  # type: ignore[attr-defined]  # likewise


def test_what_is_given_replaces_the_default_wherever_it_stands(flow: type[FlowSpec]) -> None:
    give(flow, settings={"cpu": 1, "epochs": 9, "words": ["x"], "needs": {}}, Other={"k": 1})

    assert cpus(flow) == [1, 1, None]
    assert flow.__flagstone__.parameters["epochs"].default == 9
    assert flow.__flagstone__.constants["constant"] == 9
    assert flow.__flagstone__.config_values == {
        "cfg": {"cpu": 1, "epochs": 9, "words": ["x"], "needs": {}},
        "other": {"k": 1},
    }


def test_a_flow_can_be_settled_again_in_another_way(flow: type[FlowSpec]) -> None:
    assert cpus(flow)[0] == 2

    give(flow, settings={"cpu": 5, "epochs": 1, "words": ["a"], "needs": {}})

    assert cpus(flow)[0] == 5
    assert vars(flow)["constant"] == 1


def test_settling_again_with_the_same_values_keeps_what_was_added_meanwhile(flow: type[FlowSpec]) -> None:
    configuring.settle(flow)
    attach(flow, "resources:memory=64")
    values = dict(flow.__flagstone__.config_values or {})

    configuring.settle_with(flow, values)

    assert len(flow.__flagstone__.declared["start"]) == len(flow.__flagstone__.declared["end"]) == 1


def test_recorded_values_are_taken_and_what_is_new_since_then_is_read(flow: type[FlowSpec]) -> None:
    recorded = ConfigValue({"cpu": 4, "epochs": 1, "words": ["a"], "needs": {}})

    configuring.settle_with(flow, {"cfg": recorded, "gone": 1})

    assert cpus(flow)[0] == 4
    assert flow.__flagstone__.config_values is not None
    assert flow.__flagstone__.config_values["other"] is None


def test_classes_that_derive_from_one_flow_do_not_share_their_values(tmp_path: Path) -> None:
    source = FLOW + "\nclass SecondFlow(ConfiguredFlow):\n    pass\n"
    second = flow_class(tmp_path, source)
    first = second.__mro__[1]
    assert issubclass(first, FlowSpec)

    give(second, settings={"cpu": 8, "epochs": 1, "words": ["a"], "needs": {}})

    assert cpus(second)[0] == 8
    assert cpus(first)[0] == 2


def test_names_and_attributes_that_cross_are_told_apart(tmp_path: Path) -> None:
    source = (
        "class F(FlowSpec):\n    a = Config('b', default_value={'is': 'a'})\n    b = Config('a', default_value={})\n"
    )
    source += "    x = a['is']\n    @step\n    def start(self):\n        pass\n"

    flow = flow_class(tmp_path, f"from flagstone import Config\n{source}")
    read_plan(flow)

    assert vars(flow)["x"] == "a"


def test_an_unknown_config_is_refused_with_those_there_are(flow: type[FlowSpec]) -> None:
    with pytest.raises(InvalidConfig, match=r"no such config \(the test\)\. Its configs are other, settings"):
        give(flow, setings={})


def test_values_are_judged_by_the_decorator_that_they_go_to(flow: type[FlowSpec]) -> None:
    give(flow, settings={"cpu": "two", "epochs": 1, "words": ["a"], "needs": {}})

    with pytest.raises(InvalidDeclaration, match="cpu='two'") as caught:
        read_plan(flow)

    assert caught.value.where is not None
    assert caught.value.where.file.endswith("flow.py")


def test_values_are_judged_by_the_parameter_that_they_go_to(flow: type[FlowSpec]) -> None:
    give(flow, settings={"cpu": 1, "epochs": 1, "words": [], "needs": {}})

    with pytest.raises(InvalidParameter, match="choices= is empty"):
        read_plan(flow)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("name = Config('c')", "self.name has a meaning of its own"),
        ("_c = Config('c')", "names that start with _"),
        ("a = Config('c'); b = Config('C')", "two configs .* are called 'C'"),
        ("a = Config('c'); p = Parameter(a.name)", "name of a parameter cannot come from a config"),
    ],
)
def test_names_that_cannot_be_are_refused(tmp_path: Path, line: str, problem: str) -> None:
    with pytest.raises(InvalidName, match=problem):
        flow_class(tmp_path, f"from flagstone import Config\nclass F(FlowSpec):\n    {line}\n")


def test_user_decorators_and_mutators_get_values(tmp_path: Path) -> None:
    flow = flow_class(
        tmp_path,
        """
        from flagstone import Config, FlowMutator, StepMutator, UserStepDecorator

        seen = []

        class Wrap(UserStepDecorator):
            def init(self, **given):
                pass

        class Change(StepMutator):
            def init(self, times):
                seen.append(times)

        class Look(FlowMutator):
            def init(self, what):
                seen.append(what)

            def pre_mutate(self, flow):
                seen.append(dict(flow.configs)["cfg"].n)

        class Base(FlowSpec):
            cfg = Config("cfg", default_value={"n": 3, "more": {"x": 1}})

            @Change(cfg.n)
            @Wrap(size=cfg.n, **cfg.more)
            @step
            def start(self):
                self.next(self.end)

            @step
            def end(self):
                pass

        @Look(what=Base.cfg.more.x)
        class MutatedFlow(Base):
            pass
        """,
    )

    read_plan(flow)

    import sys

    assert sys.modules["flow"].seen == [1, 3, 3]
    assert [one.kwargs for one in flow.__flagstone__.applied["start"]] == [{"size": 3, "x": 1}, {}]
