"""Equal by what they hold; in doubt, not equal."""

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from flagstone.store.equality import equal


class Never:
    """Comparing it fails."""

    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        raise ValueError("no")


def frame(**changes: Any) -> pd.DataFrame:
    return pd.DataFrame({"a": [1.0, None], "b": ["x", None]} | changes)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (frame(), frame(), True),
        (frame(), frame(a=[1.0, 2.0]), False),
        (frame(), frame().rename_axis("i"), False),
        (frame(), frame(a=[1, 2]), False),
        (pd.Series([1], name="a"), pd.Series([1], name="b"), False),
        (pd.Series([1], name="a"), pd.Series([1], name="a"), True),
        (pl.DataFrame({"a": [1, None]}), pl.DataFrame({"a": [1, None]}), True),
        (pl.Series("a", [1], dtype=pl.Int8), pl.Series("a", [1], dtype=pl.Int16), False),
        ({"f": frame()}, {"f": frame()}, True),
        ([np.array([np.nan, 1])], [np.array([np.nan, 1])], True),
        (np.array(["NaT"], dtype="M8[s]"), np.array(["NaT"], dtype="M8[s]"), True),
        (np.array([{"a": 1}, None]), np.array([{"a": 1}, None]), True),
        (np.array([1, 2]), np.array([1, 3]), False),
        (np.float32(1), np.float32(1), True),
        ({"a": 1}, {"a": 1, "b": 2}, False),
        ([1, 2], [1, 2, 3], False),
        ((1, float("nan")), (1, float("nan")), True),
        (True, 1, False),
        (Never(), Never(), False),
        ([Never()], [Never()], False),
    ],
)
def test_equality(one: Any, other: Any, same: bool) -> None:
    assert equal(one, other) is same


def test_endless_values_are_not_equal_rather_than_endless() -> None:
    one: list[Any] = []
    one.append(one)
    other: list[Any] = []
    other.append(other)

    assert not equal(one, other)
    assert equal(one, one)
