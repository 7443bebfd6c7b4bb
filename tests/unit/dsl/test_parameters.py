"""Parameters: types, defaults, parsing, and the errors of each."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flagstone.dsl.flow import FlowSpec
from flagstone.dsl.parameters import RESERVED_OPTIONS, JSONType, Parameter, ParameterContext
from flagstone.model.errors import InvalidName, InvalidParameter

CONTEXT = ParameterContext("F", "ann", "p", print)


@pytest.mark.parametrize(
    ("default", "name"),
    [(1, "int"), (1.5, "float"), (True, "bool"), ("x", "str"), ({"a": 1}, "json"), ([1], "json"), (None, "str")],
)
def test_the_type_comes_from_the_default_when_nothing_else_says_it(default: Any, name: str) -> None:
    assert Parameter("p", default=default).type_name == name


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (int, "7", 7),
        (float, "7", 7.0),
        (bool, "yes", True),
        (bool, "0", False),
        (str, "7", "7"),
        (JSONType, '{"a": [1]}', {"a": [1]}),
    ],
)
def test_texts_become_values(kind: Any, text: str, value: Any) -> None:
    assert Parameter("p", type=kind).parse(text) == value


@pytest.mark.parametrize(
    ("kind", "text"), [(int, "abc"), (int, "1.5"), (float, "x"), (bool, "maybe"), (JSONType, "{o")]
)
def test_a_text_of_another_type_is_refused_by_name(kind: Any, text: str) -> None:
    with pytest.raises(InvalidParameter, match=r"parameter 'p'") as caught:
        Parameter("p", type=kind).parse(text)

    assert text in str(caught.value)
    assert caught.value.exit_status == 2


@given(value=st.one_of(st.integers(), st.floats(allow_nan=False), st.booleans(), st.text()))
def test_what_is_shown_as_default_parses_to_the_default(value: Any) -> None:
    parameter = Parameter("p", default=value)

    shown = parameter.default_text()

    assert shown is not None
    assert parameter.parse(shown) == value


def test_a_separator_splits_a_text() -> None:
    parameter = Parameter("p", default="a,b", separator=",")

    assert parameter.resolve(CONTEXT) == ["a", "b"]
    assert parameter.parse("x,y,z") == ["x", "y", "z"]


def test_a_default_may_be_a_function_of_the_context_or_of_nothing() -> None:
    assert Parameter("p", type=str, default=lambda context: context.user_name).resolve(CONTEXT) == "ann"
    assert Parameter("p", type=int, default=lambda: 3).resolve(CONTEXT) == 3


def test_a_default_function_of_the_wrong_type_or_that_fails_is_named() -> None:
    with pytest.raises(InvalidParameter, match="int is expected"):
        Parameter("p", type=int, default=lambda: [1]).resolve(CONTEXT)
    with pytest.raises(InvalidParameter, match="ZeroDivisionError"):
        Parameter("p", type=int, default=lambda: 1 // 0).resolve(CONTEXT)


def test_a_required_one_without_a_value_says_how_to_give_it() -> None:
    with pytest.raises(InvalidParameter, match="--p VALUE"):
        Parameter("p", required=True).resolve(CONTEXT)


def test_a_default_of_another_type_is_refused_where_it_is_written() -> None:
    with pytest.raises(InvalidParameter, match="'abc' is not a whole number"):
        Parameter("p", type=int, default="abc")


@pytest.mark.parametrize("name", sorted(RESERVED_OPTIONS))
def test_the_names_of_options_are_taken(name: str) -> None:
    with pytest.raises(InvalidName, match=name):
        Parameter(name)


def test_unknown_types_and_arguments_are_refused() -> None:
    with pytest.raises(InvalidParameter, match="set"):
        Parameter("p", type=set)
    with pytest.raises(InvalidParameter, match="colour"):
        Parameter("p", colour="red")


def test_the_annotation_of_the_attribute_gives_the_type() -> None:
    class F(FlowSpec):
        rate: float = Parameter("rate", default=1)  # type: ignore[assignment]  # here it is the class itself
        count: int | None = Parameter("count")  # type: ignore[assignment]  # likewise
        later: "date" = Parameter("later")  # type: ignore[assignment]  # likewise
        many: list[int] = Parameter("many", multiple=True)  # type: ignore[assignment]  # likewise
        said: int = Parameter("said", type=str)  # type: ignore[assignment]  # likewise
        words: list[str] = Parameter("words", separator=",")  # type: ignore[assignment]  # likewise
        anything: Any = Parameter("anything")
        unknown: "Nowhere" = Parameter("unknown")  # type: ignore[name-defined]  # noqa: F821 - what it is about

    parameters = F.__flagstone__.parameters
    names = {attribute: parameter.type_name for attribute, parameter in parameters.items()}
    assert names == {
        "rate": "float",
        "count": "int",
        "later": "date",
        "many": "int",
        "said": "str",
        "words": "str",
        "anything": "str",
        "unknown": "str",
    }
    assert parameters["rate"].default == 1.0
    assert type(parameters["rate"].default) is float


def test_a_default_that_contradicts_the_annotation_is_refused() -> None:
    with pytest.raises(InvalidParameter, match="'x' is not a whole number"):

        class F(FlowSpec):
            count: int = Parameter("count", default="x")  # type: ignore[assignment]  # likewise


def test_a_callable_default_sees_the_configs() -> None:
    context = CONTEXT._replace(configs={"cfg": {"n": 4}})

    assert Parameter("p", type=int, default=lambda given: given.configs["cfg"]["n"]).resolve(context) == 4
