"""Built-in decorators: what each writes down, in every form it may be written in, and what is refused where."""

import inspect
from typing import Any

import pytest
from msgspec import msgpack

from flagstone.dsl import decorators
from flagstone.dsl.decorating import Decorator, FlowDecorator, StepDecorator
from flagstone.dsl.decorators import card, environment, exit_hook, kubernetes, project, schedule, secrets, trigger
from flagstone.dsl.flow import FlowSpec
from flagstone.dsl.step import step
from flagstone.model.declarations import Card, Environment
from flagstone.model.errors import (
    BadFlowDecoratorException,
    BadStepDecoratorException,
    DuplicateFlowDecoratorException,
    DuplicateStepDecoratorException,
    InvalidDeclaration,
    InvalidDecoratorAttribute,
)
from flagstone.model.flow_declarations import Project
from flagstone.model.remote import Kubernetes
from flagstone.model.secrets import Source

ALL: dict[str, Any] = {name: value for name, value in vars(decorators).items() if isinstance(value, Decorator)}
NEEDED: dict[str, dict[str, Any]] = {
    "timeout": {"seconds": 30},
    "project": {"name": "shop"},
    "exit_hook": {"on_success": ["package.module.function"]},
    "trigger": {"event": "data"},
    "trigger_on_finish": {"flow": "OtherFlow"},
    "airflow_external_task_sensor": {"external_dag_id": "dag"},
    "airflow_s3_key_sensor": {"bucket_key": "key"},
}


def declared(function: Any) -> tuple[Any, ...]:
    """What a decorated step declares."""
    found: tuple[Any, ...] = function.__flagstone_declarations__
    return found


def plain(self: FlowSpec) -> None:
    """A step to be."""


def fresh() -> Any:
    """A step of its own."""

    @step
    def work(self: FlowSpec) -> None: ...

    return work


@pytest.mark.parametrize("name", sorted(ALL))
def test_a_declaration_with_all_defaults_can_be_recorded(name: str) -> None:
    decorator = ALL[name]

    declaration = decorator.declaration(NEEDED.get(name, {}))

    assert type(declaration) is decorator.kind
    assert msgpack.decode(msgpack.encode(declaration), type=decorator.kind) == declaration


@pytest.mark.parametrize("name", sorted(ALL))
def test_an_unknown_argument_is_refused_with_the_ones_there_are(name: str) -> None:
    with pytest.raises(InvalidDecoratorAttribute, match=f"@{name} does not know 'colour'") as caught:
        ALL[name](colour="red")

    assert all(argument in caught.value.hint for argument in inspect.signature(ALL[name]).parameters)
    assert caught.value.where is not None
    assert caught.value.where.file == __file__


def test_parentheses_may_be_left_out() -> None:
    assert declared(card(fresh())) == declared(card()(fresh())) == (Card(),)


def test_arguments_are_given_by_name() -> None:
    with pytest.raises(InvalidDecoratorAttribute, match=r"by name, as in @environment\(vars=...\)"):
        environment({"A": "b"})  # type: ignore[call-overload]  # wrong on purpose


def test_several_cards_are_several_and_a_second_environment_is_refused() -> None:
    twice = card(id="b")(card(fresh()))

    assert [one.id for one in declared(twice)] == [None, "b"]
    with pytest.raises(DuplicateStepDecoratorException, match="'work' has @environment twice"):
        environment(vars={})(environment(vars={})(fresh()))


def test_numbers_are_texts_in_an_environment() -> None:
    assert declared(environment(vars={"N": 4, "A": "b"})(fresh())) == (Environment(vars={"N": "4", "A": "b"}),)


@pytest.mark.parametrize(
    ("decorator", "wrong", "word"),
    [
        (environment, {"vars": {"A": None}}, "a variable's value is a text"),
        (environment, {"vars": {"A=B": "c"}}, "not a name"),
        (environment, {"vars": "A=b"}, "a dictionary is expected"),
        (card, {"timeout": "long"}, "a whole number is expected"),
        (card, {"scope": "galaxy"}, "'task' or 'run'"),
        (card, {"id": "a b"}, "letters"),
        (kubernetes, {"memory": "lots"}, "a whole number is expected"),
        (secrets, {"sources": "env.A"}, "a list of sources"),
        (secrets, {"sources": [{"typ": "env"}]}, "not 'typ'"),
        (project, {"name": "My Shop"}, "small letters"),
        (project, {"name": "x" * 129}, "128"),
        (project, {"name": "shop", "branch": "A B"}, "a branch is made of"),
        (project, {}, "needs name"),
        (schedule, {"cron": "noon"}, "five or six"),
        (trigger, {}, "event= or events="),
        (trigger, {"event": "a", "events": ["b"]}, "not both"),
        (trigger, {"events": ["a", "a"]}, "twice"),
        (trigger, {"event": {"nome": "a"}}, "an event is a name"),
        (exit_hook, {"on_success": plain}, "a list of functions"),
        (exit_hook, {"on_success": [lambda: None]}, "found by its name"),
        (exit_hook, {"on_error": [7]}, "dotted name"),
        (exit_hook, {}, "neither"),
    ],
)
def test_what_makes_no_sense_is_refused_where_it_stands(decorator: Any, wrong: dict[str, Any], word: str) -> None:
    with pytest.raises(InvalidDeclaration, match=word) as caught:
        decorator(**wrong)

    assert caught.value.where is not None
    assert caught.value.where.file == __file__


def test_texts_of_numbers_are_numbers() -> None:
    assert declared(ALL["kubernetes"](cpu="2", memory="512")(fresh())) == (Kubernetes(cpu=2, memory=512),)


def test_a_source_has_one_form_however_it_is_written() -> None:
    (said,) = declared(secrets(sources=["env.A", {"type": "dotenv", "id": ".env"}, "plain"])(fresh()))

    assert said.sources == (Source("env", "A"), Source("dotenv", ".env"), Source("", "plain"))


def test_values_of_the_inline_source_are_in_no_record() -> None:
    inline = {"type": "inline", "id": "x", "options": {"env_vars": {"KEY": "hunter2"}}}

    (said,) = declared(secrets(sources=[inline])(fresh()))

    assert b"hunter2" in msgpack.encode(said)
    assert b"hunter2" not in msgpack.encode(said.public())
    assert b"KEY" in msgpack.encode(said.public())


def test_a_decorator_of_steps_refuses_a_class_and_one_of_flows_refuses_a_step() -> None:
    with pytest.raises(BadStepDecoratorException, match="@environment belongs on a step"):

        @environment(vars={})
        class AFlow(FlowSpec): ...

    with pytest.raises(BadFlowDecoratorException, match="@project belongs on a flow"):
        project(name="shop")(fresh())


def test_a_flow_says_what_its_bases_say_first_and_then_from_top_to_bottom() -> None:
    @exit_hook(on_success=["a.base"])
    class Base(FlowSpec): ...

    @exit_hook(on_success=["a.top"])
    @exit_hook(on_success=["a.below"])
    class Derived(Base): ...

    assert [said.on_success for said in Derived.__flagstone__.said] == [("a.base",), ("a.top",), ("a.below",)]
    assert [said.on_success for said in Base.__flagstone__.said] == [("a.base",)]


def test_a_second_project_is_refused_also_when_a_base_has_the_first() -> None:
    @project(name="shop")
    class Base(FlowSpec): ...

    assert Base.__flagstone__.said == [Project(name="shop")]
    with pytest.raises(DuplicateFlowDecoratorException, match="has it from Base already"):

        @project(name="other")
        class Derived(Base): ...


def test_every_decorator_is_one_of_steps_or_of_flows_and_explains_itself() -> None:
    assert all(isinstance(one, StepDecorator | FlowDecorator) and one.__doc__ for one in ALL.values())
