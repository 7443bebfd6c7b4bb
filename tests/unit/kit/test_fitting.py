"""Whether values fit annotations: what is seen, what is passed over, and that nothing large is walked through."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, NewType, Optional, Protocol, TypedDict, TypeVar, Union

import numpy as np
import pytest

from flagstone.kit.fitting import misfit, named


class Row(TypedDict):
    a: int


class Closes(Protocol):
    def close(self) -> None: ...


Name = NewType("Name", str)
T = TypeVar("T")
NESTED: list[Any] = [1]
NESTED[0] = NESTED


class Once(Iterable[int]):
    """Must not be gone through: that would use it up."""

    def __iter__(self) -> Iterator[int]:
        raise AssertionError("somebody looked inside")


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (1, int),
        (True, int),
        (1, float),
        (1.5, complex),
        (np.float32(1), float),
        (np.int64(1), int),
        (np.int64(1), float),
        (np.bool_(True), bool),
        (np.str_("a"), str),
        (np.zeros(3), np.ndarray),
        (None, None),
        (None, Optional[int]),  # noqa: UP045 - as users write it
        ("a", Union[int, str]),  # noqa: UP007 - likewise
        ("a", int | str),
        ([1.0, 2], list[float]),
        ([], list[int]),
        ({"a": [1]}, dict[str, list[int]]),
        ((1, "a"), tuple[int, str]),
        ((1, 2, 3), tuple[int, ...]),
        ((), tuple[()]),
        ({1}, set[int]),
        ([1], Sequence[int]),
        ({"a": 1}, Mapping[str, int]),
        ("red", Literal["red", "blue"]),
        (3, Annotated[int, "positive"]),
        ("ann", Name),
        ({"a": "not looked at"}, Row),
        (len, Callable[[Any], int]),
        (int, type[int]),
        (Path("x"), Path),
        (3, Closes),
        (3, T),
        (3, "Later"),
        ([3], list["Later"]),  # type: ignore[name-defined]  # noqa: F821 - a name that nobody knows
        (3, Any),
        (Once(), Iterable[str]),
        (NESTED, list[list[list[list[list[int]]]]]),
    ],
)
def test_what_fits_or_cannot_be_told(value: object, kind: Any) -> None:
    assert misfit(value, kind) is None


@pytest.mark.parametrize(
    ("value", "kind", "told"),
    [
        ("a", int, "str"),
        (1.5, int, "float"),
        (np.float64(1), int, "numpy.float64"),
        (None, str, "None"),
        ("a", int | None, "str"),
        (["a"], list[float], "list with str at [0]"),
        ([1, 2, "x"], Sequence[int], "list with str at [2]"),
        ({"a": [1, "b"]}, dict[str, list[int]], "dict with list with str at [1] at 'a'"),
        ({1: 2}, dict[str, int], "dict with the key 1 (int)"),
        ((1, 2), tuple[int, str], "tuple with int at [1]"),
        ((1, 2), tuple[int], "tuple of 2"),
        ({"x"}, set[int], "set with str"),
        ([1, "x"], list[int] | None, "list with str at [1]"),
        ("green", Literal["red", "blue"], "'green'"),
        (True, Literal[1], "True"),
        ("x", Annotated[int, "positive"], "str"),
        (3, Name, "int"),
        ([], Row, "list"),
        (3, Callable[[], int], "int"),
        (Path("x"), str, "pathlib.PosixPath"),
    ],
)
def test_what_does_not_fit_is_told(value: object, kind: Any, told: str) -> None:
    assert misfit(value, kind) == told


def test_of_a_large_container_only_the_beginning_is_looked_at() -> None:
    assert misfit([0] * 100 + ["x"], list[int]) is None


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (int, "int"),
        (type(None), "None"),
        (float | None, "float | None"),
        (list[float], "list[float]"),
        (Path, "pathlib.Path"),
        (Literal["a"], "Literal['a']"),
    ],
)
def test_types_are_named_as_people_write_them(kind: Any, text: str) -> None:
    assert named(kind) == text
