"""What values are in a few words: right for small ones, cheap for huge ones."""

import collections
import time
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from flagstone.store.description import LIMIT, preview, type_name

pa: Any = pytest.importorskip("pyarrow")


class Loud:
    """Its text is enormous."""

    def __repr__(self) -> str:
        raise AssertionError("nobody should ask")


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (1, "int"),
        ([1], "list"),
        (None, "NoneType"),
        (np.arange(3), "numpy.ndarray"),
        (np.float64(1), "numpy.float64"),
        (pd.DataFrame(), "pandas.DataFrame"),
        (pd.Series(dtype=float), "pandas.Series"),
        (pl.DataFrame(), "polars.DataFrame"),
        (pa.table({"a": [1]}), "pyarrow.Table"),
        (collections.OrderedDict(), "collections.OrderedDict"),
        (Loud(), f"{__name__}.Loud"),
    ],
)
def test_types_have_the_names_that_people_know(value: Any, name: str) -> None:
    assert type_name(type(value)) == name


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (7, "7"),
        ("text", "'text'"),
        (None, "None"),
        ({"a": 1}, "{'a': 1}"),
        (np.zeros((3, 4)), "float64 (3, 4)"),
        (np.array(7.5), "array(7.5)"),
        (pd.Series([1, 2], name="s"), "int64 (2,)"),
        (pd.DataFrame({"a": [1.5], "b": ["x"]}), "1 x 2: a float64, b str"),
        (pd.DataFrame(), "0 x 0"),
        (pd.DataFrame(np.ones((2, 9))), "2 x 9: 0 float64, 1 float64, 2 float64, 3 float64, 4 float64, 5 float64, …"),
        (pl.DataFrame({"a": [1]}), "1 x 1: a Int64"),
        (pl.Series("s", [1.5]), "Float64 (1,)"),
        (pa.table({"a": [1]}), "1 x 1: a int64"),
    ],
)
def test_small_values_show_themselves(value: Any, text: str) -> None:
    assert preview(value, 100) == text


@pytest.mark.parametrize(
    ("value", "start"),
    [
        ("x" * 10_000_000, "'xxx"),
        (b"x" * 10_000_000, "b'xxx"),
        (list(range(1_000_000)), "1,000,000 items: 0, 1, 2, 3, 4, 5, …"),
        (dict.fromkeys(range(1_000_000), "v"), "1,000,000 items: 0: 'v', 1: 'v'"),
        ([Loud()] * 1000, "1,000 items: "),
        (10**100_000, "<"),
        (Loud(), f"<{__name__}.Loud, 10.0 MiB>"),
    ],
    ids=["text", "bytes", "list", "dict", "objects", "number", "object"],
)
def test_huge_values_are_described_at_once(value: Any, start: str) -> None:
    began = time.perf_counter()
    text = preview(value, 10 << 20)

    assert time.perf_counter() - began < 0.2
    assert text.startswith(start)
    assert len(text) <= LIMIT


def test_a_value_that_fakes_an_array_is_no_danger() -> None:
    class Fake:
        shape = property(lambda _: 1 / 0)

        def __repr__(self) -> str:
            return "Fake()"

    assert preview(Fake(), 10) == "Fake()"
