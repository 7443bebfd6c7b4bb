"""What a flow class is, and what is refused where it is written."""

import pickle

import pytest

from flagstone import FlowSpec, Parameter, resources, step
from flagstone.model.declarations import Needs
from flagstone.model.errors import InvalidDeclaration, InvalidName, UserError


class Base(FlowSpec):
    alpha = Parameter("alpha", default=1)
    kind = "plain"
    table = {"a": 1}  # noqa: RUF012 - a class constant, as users write them

    @step
    def start(self) -> None:
        self.next(self.end)

    @step
    def end(self) -> None:
        pass

    def helper(self) -> int:
        return 1


class Derived(Base):
    beta = Parameter("beta", default="x")
    kind = "special"

    @step
    def end(self) -> None:
        print("other")


def test_steps_parameters_and_constants_are_found_in_the_order_of_definition() -> None:
    shape = Base.__flagstone__

    assert list(shape.steps) == ["start", "end"]
    assert list(shape.parameters) == ["alpha"]
    assert shape.constants == {"kind": "plain", "table": {"a": 1}}


def test_a_subclass_inherits_and_overrides() -> None:
    shape = Derived.__flagstone__

    assert set(shape.steps) == {"start", "end"}
    assert shape.steps["end"] is Derived.end
    assert list(shape.parameters) == ["alpha", "beta"]
    assert shape.constants["kind"] == "special"


@pytest.mark.parametrize("name", ["name", "index", "input", "cmd", "script_name", "foreach_stack", "next", "_hidden"])
def test_a_parameter_whose_name_has_a_meaning_of_its_own_is_refused_with_the_class(name: str) -> None:
    with pytest.raises(InvalidName, match=name) as caught:
        type("ClashFlow", (FlowSpec,), {name: Parameter("p", default=1)})

    assert "ClashFlow" in str(caught.value)


def test_two_parameters_with_one_name_are_refused_whatever_their_case() -> None:
    with pytest.raises(InvalidName, match="two parameters"):
        type("TwinFlow", (FlowSpec,), {"a": Parameter("rate"), "b": Parameter("Rate")})


def test_a_decorator_on_what_is_not_a_step_is_refused() -> None:
    with pytest.raises(InvalidDeclaration, match="not a step"):

        @resources(cpu=2)
        def plain() -> None: ...


def test_declarations_are_written_down_and_change_nothing() -> None:
    @resources(cpu=2, memory=512)
    @step(isolation="worker")
    def start(self: FlowSpec) -> int:
        return 41

    assert start.__flagstone_declarations__ == (Needs(cpu=2, memory=512),)  # type: ignore[attr-defined]
    assert start.__flagstone_step__.isolation == "worker"  # type: ignore[attr-defined]
    assert start(FlowSpec(use_cli=False)) == 41


@pytest.mark.parametrize("wrong", [{"cpu": -1}, {"memory": "4GB"}, {"cpus": 2}])
def test_wrong_arguments_of_resources_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidDeclaration, match=next(iter(wrong))):
        resources(**wrong)(step(lambda self: None))  # type: ignore[call-overload]  # wrong on purpose


def test_an_isolation_that_does_not_exist_is_refused() -> None:
    with pytest.raises(InvalidDeclaration, match="magic"):
        step(isolation="magic")(lambda self: None)


def test_a_flow_itself_cannot_be_stored_and_says_what_to_store_instead() -> None:
    with pytest.raises(UserError, match="cannot be stored"):
        pickle.dumps(Base(use_cli=False))
