"""Parameters beyond numbers and texts: choices, enums, dates, lists, dicts, paths, models."""

import dataclasses
import enum
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import click
import msgspec
import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flagstone.dsl.kinds import Refused
from flagstone.dsl.parameters import Parameter
from flagstone.dsl.rich_kinds import rich_kind
from flagstone.model.errors import InvalidParameter


class Colour(enum.Enum):
    RED = "r"
    BLUE = 2


class Loose(pydantic.BaseModel):
    size: int
    tags: list[str] = []


class Strict(msgspec.Struct):
    size: int
    day: date


@dataclasses.dataclass
class Plain:
    size: float


@pytest.mark.parametrize(
    ("kind", "name", "text", "value"),
    [
        (Colour, "Colour", "RED", Colour.RED),
        (Colour, "Colour", "blue", Colour.BLUE),
        (Colour, "Colour", "2", Colour.BLUE),
        (date, "date", "2026-01-31", date(2026, 1, 31)),
        (datetime, "datetime", "2026-01-31T10:00:00Z", datetime(2026, 1, 31, 10, tzinfo=UTC)),
        (list, "list", "a, b", ["a", "b"]),
        (list, "list", '["a", 1]', ["a", 1]),
        (list[int], "list", "1,2", [1, 2]),
        (list[date], "list", "2026-01-31", [date(2026, 1, 31)]),
        (dict, "dict", '{"a": 1}', {"a": 1}),
        (dict[str, int], "dict", "{}", {}),
        (Path, "path", "a/b", Path("a/b")),
        (Loose, "Loose", '{"size": 1}', Loose(size=1)),
        (Strict, "Strict", '{"size": 1, "day": "2026-01-31"}', Strict(1, date(2026, 1, 31))),
        (Plain, "Plain", '{"size": 1}', Plain(1.0)),
        (Literal["a", "b"], "choice", "b", "b"),
        (Literal[1, 2], "choice", "2", 2),
        (float | None, "float", "3", 3.0),
        (Annotated[int, "seconds"], "int", "3", 3),
        (click.IntRange(1, 5), "integer range", "3", 3),
        (click.Choice(["u", "v"]), "choice", "v", "v"),
    ],
)
def test_a_type_reads_its_texts(kind: Any, name: str, text: str, value: Any) -> None:
    parameter = Parameter("p", type=kind)

    assert parameter.type_name == name
    assert parameter.parse(text) == value
    assert type(parameter.parse(text)) is type(value)
    assert parameter.check(value) == value


@pytest.mark.parametrize(
    ("kind", "text", "problem"),
    [
        (Colour, "green", "none of RED, BLUE"),
        (date, "31.1.2026", "not a date"),
        (datetime, "soon", "not a datetime"),
        (list[int], "1,x", "'x' is not a whole number"),
        (list, "[1", "not JSON"),
        (dict, "[1]", "a mapping is expected"),
        (Loose, '{"size": "much"}', "not a Loose"),
        (Strict, '{"size": 1}', "not a Strict"),
        (Strict, "@nowhere.json", "nowhere.json cannot be read"),
        (Plain, "{", "not a Plain"),
        (click.IntRange(1, 5), "9", "not in the range"),
    ],
)
def test_a_text_that_it_cannot_read_is_refused(kind: Any, text: str, problem: str) -> None:
    with pytest.raises(InvalidParameter, match=problem) as caught:
        Parameter("p", type=kind).parse(text)

    assert caught.value.exit_status == 2


def test_a_model_is_read_from_a_file_too(tmp_path: Path) -> None:
    (tmp_path / "m.json").write_text('{"size": 4, "tags": ["x"]}')

    assert Parameter("p", type=Loose).parse(f"@{tmp_path / 'm.json'}") == Loose(size=4, tags=["x"])
    assert Parameter("p", type=dict).parse(f"@{tmp_path / 'm.json'}") == {"size": 4, "tags": ["x"]}


@given(value=st.dates())
def test_every_date_is_read_from_its_text(value: date) -> None:
    parameter = Parameter("p", type=date, default=value)

    assert parameter.parse(parameter.default_text() or "") == value


@given(value=st.lists(st.integers()))
def test_every_list_is_read_from_its_text(value: list[int]) -> None:
    parameter = Parameter("p", type=list[int], default=value)

    assert parameter.parse(parameter.default_text() or "") == value
    assert parameter.parse(",".join(map(str, value))) == value


@given(value=st.dictionaries(st.text(), st.integers() | st.text() | st.none()))
def test_every_dict_is_read_from_its_text(value: dict[str, Any]) -> None:
    parameter = Parameter("p", type=dict, default=value)

    assert parameter.parse(json.dumps(value)) == parameter.default == value


@given(values=st.lists(st.integers() | st.text(min_size=1, max_size=4), min_size=1, unique_by=str), data=st.data())
def test_a_choice_is_read_from_the_text_of_each_value_and_from_nothing_else(
    values: list[Any], data: st.DataObject
) -> None:
    parameter = Parameter("p", choices=values)
    text = data.draw(st.text(max_size=4))

    for value in values:
        assert parameter.parse(str(value)) == value
        assert parameter.check(value) == value
    if text not in map(str, values):
        with pytest.raises(InvalidParameter):
            parameter.parse(text)


def test_choices_are_told_in_the_error_and_to_the_plan() -> None:
    parameter = Parameter("size", choices=["s", "m", "l"], default="m")

    assert parameter.choices == ("s", "m", "l")
    assert parameter.metavar == "s|m|l"
    with pytest.raises(InvalidParameter, match=r"'xl' is none of s, m, l"):
        parameter.parse("xl")
    with pytest.raises(InvalidParameter, match="none of s, m, l"):
        Parameter("size", choices=["s", "m", "l"], default="xl")


@pytest.mark.parametrize(("choices", "problem"), [([], "empty"), ([1, "1"], "has 1 twice")])
def test_choices_that_cannot_be_told_apart_are_refused(choices: list[Any], problem: str) -> None:
    with pytest.raises(InvalidParameter, match=problem):
        Parameter("p", choices=choices)


def test_values_from_python_are_converted_where_nothing_is_lost() -> None:
    assert Parameter("p", type=datetime).check(date(2026, 1, 31)) == datetime(2026, 1, 31)  # noqa: DTZ001 - local
    assert Parameter("p", type=Path).check("~/x") == Path("~/x").expanduser()
    assert Parameter("p", type=list[float]).check((1, 2)) == [1.0, 2.0]
    assert Parameter("p", type=Loose).check({"size": 2}) == Loose(size=2)
    assert Parameter("p", type=Strict, multiple=True).check(['{"size": 1, "day": "2026-01-31"}']) == [
        Strict(1, date(2026, 1, 31))
    ]
    for kind, value in ((date, 3), (Path, 3), (list, 3), (Strict, 3)):
        with pytest.raises(InvalidParameter):
            Parameter("p", type=kind).check(value)


def test_what_is_no_type_of_parameters_has_no_kind() -> None:
    assert rich_kind(set) is None
    assert rich_kind(int | str) is None
    assert rich_kind("int") is None
    assert Refused("what", "hint").hint == "hint"
