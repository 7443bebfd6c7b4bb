"""Values as JSON text: what one would type for them."""

import dataclasses
import enum
import json
from datetime import date, datetime
from pathlib import PurePosixPath
from typing import Any

import msgspec
import pydantic
import pytest

from flagstone.kit.plain import json_text


class Colour(enum.Enum):
    RED = "r"


class Level(enum.IntEnum):
    HIGH = 3


class Struct(msgspec.Struct):
    day: date


class Model(pydantic.BaseModel):
    day: date


@dataclasses.dataclass
class Plain:
    colour: Colour


DAY = date(2026, 1, 31)


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (None, None),
        ({"b": 1, "a": [True]}, {"a": [True], "b": 1}),
        (Colour.RED, "RED"),
        (Level.HIGH, "HIGH"),
        ([Colour.RED], ["RED"]),
        (DAY, "2026-01-31"),
        (datetime(2026, 1, 31, 10), "2026-01-31T10:00:00"),  # noqa: DTZ001 - without a zone, as people give it
        (PurePosixPath("a/b"), "a/b"),
        ({2, 1}, [1, 2]),
        (Struct(DAY), {"day": "2026-01-31"}),
        (Model(day=DAY), {"day": "2026-01-31"}),
        (Plain(Colour.RED), {"colour": "RED"}),
        (1j, "1j"),
    ],
)
def test_a_value_is_what_one_would_type_for_it(value: Any, plain: Any) -> None:
    assert json.loads(json_text(value)) == plain


def test_the_text_does_not_depend_on_the_order_of_keys() -> None:
    assert json_text({"b": 1, "a": 2}) == json_text({"a": 2, "b": 1})
