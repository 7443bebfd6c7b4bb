"""Tables of every kind come back exactly, writable where they were, in blocks, and known again when unchanged."""

import datetime as dt
import decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import polars.testing
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import pandas as frames_of

from flagstone.store.artifacts import Artifacts
from tests.unit.store.conftest import Home, in_memory

pa: Any = pytest.importorskip("pyarrow")

ROWS = 4_000


def mixed_frame() -> pd.DataFrame:
    """One column of each kind that people have."""
    rng = np.random.default_rng(0)
    days = pd.date_range("2020-01-01", periods=ROWS, freq="h")
    return pd.DataFrame(
        {
            "float": rng.random(ROWS),
            "float32": rng.random(ROWS).astype(np.float32),
            "int": rng.integers(0, 1000, ROWS),
            "int8": rng.integers(0, 100, ROWS).astype(np.int8),
            "bool": rng.random(ROWS) > 0.5,
            "text": [f"name {number % 50}" for number in range(ROWS)],
            "objects": pd.Series([f"name {number % 50}" for number in range(ROWS)], dtype=object),
            "unique": pd.Series([f"name {number}" for number in range(ROWS)], dtype=object),
            "gaps": pd.Series([None if number % 3 else "x" for number in range(ROWS)], dtype=object),
            "mixed": pd.Series([1, "a", None, 2.5] * (ROWS // 4), dtype=object),
            "half": pd.Series(["\ud800"] * ROWS, dtype=object),
            "day": days,
            "second": days.as_unit("s"),
            "zoned": days.tz_localize("Europe/Berlin", ambiguous="NaT", nonexistent="NaT"),
            "span": days - days[0],
            "category": pd.Categorical(["u", "v"] * (ROWS // 2), categories=["v", "u", "w"], ordered=True),
            "maybe_int": pd.array([1, None] * (ROWS // 2), dtype="Int64"),
            "maybe_bool": pd.array([True, None] * (ROWS // 2), dtype="boolean"),
            "period": pd.period_range("2020-01", periods=ROWS, freq="h"),
            "arrow": pd.array([decimal.Decimal("1.5")] * ROWS, dtype=pd.ArrowDtype(pa.decimal128(5, 2))),
        }
    )


FRAMES = {
    "mixed": mixed_frame(),
    "empty": pd.DataFrame(),
    "no-rows": mixed_frame().iloc[:0],
    "no-columns": pd.DataFrame(index=range(5)),
    "sliced": mixed_frame().iloc[7:13],
    "every-second": mixed_frame().iloc[::2],
    "matrix": pd.DataFrame(np.random.default_rng(0).random((ROWS, 5))),
    "wide": pd.DataFrame(np.random.default_rng(0).random((300, 400))),
    "columns-twice": pd.DataFrame([[1, 2.5, "x"]] * 9, columns=["a", "a", "b"]),
    "numbered": pd.DataFrame([[1, 2.5, "x"]] * 9),
    "indexed": mixed_frame().set_index("day").rename_axis("when"),
    "text-index": pd.DataFrame({"a": range(3000)}, index=pd.Index([f"k{n}" for n in range(3000)], name="key")),
    "multi-index": mixed_frame().set_index(["text", "int8"]),
    "multi-columns": pd.DataFrame(np.ones((3, 4)), columns=pd.MultiIndex.from_product([["a", "b"], [1, 2]])),
    "category-columns": pd.DataFrame(np.ones((3, 2)), columns=pd.CategoricalIndex(["a", "b"], name="c")),
}


@pytest.mark.parametrize("frame", FRAMES.values(), ids=FRAMES.keys())
def test_pandas_frames_come_back_exactly(home: Home, frame: pd.DataFrame) -> None:
    back = home.again(frame)

    pd.testing.assert_frame_equal(back, frame, check_freq=True, check_flags=True)
    assert type(back.index) is type(frame.index)
    assert back.dtypes.tolist() == frame.dtypes.tolist()


@pytest.mark.parametrize("frame", FRAMES.values(), ids=FRAMES.keys())
def test_pandas_frames_that_were_not_changed_keep_their_artifact(home: Home, frame: pd.DataFrame) -> None:
    first = home.save(frame)
    loaded = home.load(first)
    assert str(loaded.value) == str(frame)

    assert home.save(loaded.value, loaded) == first


def test_plain_pandas_frames_are_known_again_without_a_second_look(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = mixed_frame().drop(columns=["zoned", "category", "maybe_int", "maybe_bool", "period", "arrow"])
    monkeypatch.setattr(Artifacts, "_fingerprint", lambda *_: pytest.fail("looked at twice"))
    first = home.save(plain)
    loaded = home.load(first)

    assert home.save(loaded.value, loaded) == first


def test_pandas_frames_can_be_changed_after_loading(home: Home) -> None:
    frame = home.again(mixed_frame())
    for column, value in {
        "float": 1.5,
        "int": 7,
        "bool": True,
        "text": "new",
        "objects": "new",
        "unique": "new",
        "day": pd.Timestamp("2021-01-01"),
        "zoned": pd.Timestamp("2021-01-01", tz="Europe/Berlin"),
        "category": "w",
        "maybe_int": 9,
    }.items():
        frame.loc[3, column] = value
        assert frame.loc[3, column] == value
    frame["added"] = frame["float"] * 2
    del frame["int"]


def test_a_changed_column_is_the_only_one_stored_again(home: Home) -> None:
    frame = pd.DataFrame(np.random.default_rng(0).random((ROWS, 4)).T.copy().T, columns=list("abcd"))
    frame = pd.DataFrame({name: frame[name].to_numpy().copy() for name in frame})
    first = home.save(frame)
    assert home.files == 4
    loaded = home.load(first)

    loaded.value["b"] = loaded.value["b"] + 1
    second = home.save(loaded.value, loaded)

    assert second.digest != first.digest
    assert home.files == 5


def test_what_pandas_says_beside_the_data_is_kept(home: Home) -> None:
    frame = pd.DataFrame({"a": [1, 2]})
    frame.attrs["source"] = "somewhere"
    strict = pd.DataFrame({"a": [1, 2]}).set_flags(allows_duplicate_labels=False)

    assert home.again(frame).attrs == {"source": "somewhere"}
    assert not home.again(strict).flags.allows_duplicate_labels


@pytest.mark.parametrize("name", mixed_frame().columns)
def test_pandas_series_and_indexes_come_back_exactly(home: Home, name: str) -> None:
    series = mixed_frame()[name]

    pd.testing.assert_series_equal(home.again(series), series)
    if name not in ("mixed", "half"):
        pd.testing.assert_index_equal(home.again(pd.Index(series)), pd.Index(series))


@given(
    frames_of.data_frames(
        columns=[
            frames_of.column("a", elements=st.floats(allow_nan=True)),
            frames_of.column("b", dtype=np.int64),
            frames_of.column("c", elements=st.text(max_size=5) | st.none(), dtype=object),
            frames_of.column("d", dtype="datetime64[ns]"),
        ],
        index=frames_of.range_indexes(max_size=30),
    )
)
@settings(max_examples=15)
def test_any_pandas_frame_comes_back(frame: pd.DataFrame) -> None:

    pd.testing.assert_frame_equal(
        in_memory(pd.concat([frame] * 50, ignore_index=True)), pd.concat([frame] * 50, ignore_index=True)
    )


def test_a_repeated_text_is_one_object_after_loading(home: Home) -> None:
    back = home.again(mixed_frame())

    assert len({id(text) for text in back["objects"].to_numpy()}) <= 50


def polars_frame() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "float": np.random.default_rng(0).random(ROWS),
            "text": [f"name {number % 50}" for number in range(ROWS)],
            "gaps": [None, 1] * (ROWS // 2),
            "day": [dt.date(2020, 1, 1), None] * (ROWS // 2),
            "zoned": pl.Series([dt.datetime(2020, 1, 1, tzinfo=dt.UTC)] * ROWS),
            "list": [[1, 2], []] * (ROWS // 2),
            "struct": [{"a": 1, "b": "x"}] * ROWS,
            "category": pl.Series(["u", "v"] * (ROWS // 2), dtype=pl.Categorical),
            "enum": pl.Series(["u", "v"] * (ROWS // 2), dtype=pl.Enum(["v", "u"])),
            "decimal": pl.Series([decimal.Decimal("1.50")] * ROWS, dtype=pl.Decimal(10, 2)),
            "span": pl.Series([dt.timedelta(seconds=3)] * ROWS),
            "binary": [b"\0\1"] * ROWS,
            "null": [None] * ROWS,
        }
    )


@pytest.mark.parametrize("rows", [slice(None), slice(3, 9), slice(0, 0)], ids=["whole", "slice", "none"])
def test_polars_frames_and_series_come_back_exactly(home: Home, rows: slice) -> None:
    frame = polars_frame()[rows]

    back = home.again(frame)

    polars.testing.assert_frame_equal(back, frame)
    assert back.schema == frame.schema
    for name in frame.columns:
        polars.testing.assert_series_equal(home.again(frame[name]), frame[name])


def test_polars_frames_that_were_not_changed_keep_their_artifact(home: Home) -> None:
    first = home.save(polars_frame())
    loaded = home.load(first)

    assert loaded.value.filter(pl.col("float") > 2).height == 0
    assert home.save(loaded.value, loaded) == first


def test_polars_frames_with_python_objects_and_lazy_frames_come_back(home: Home) -> None:
    frame = pl.DataFrame({"a": [1, 2, 3]})

    polars.testing.assert_frame_equal(home.again(frame.lazy().select(pl.col("a") * 2)).collect(), frame * 2)
    polars.testing.assert_frame_equal(home.again({"deep": [frame]})["deep"][0], frame)
    assert home.again(pl.DataFrame()).shape == (0, 0)


ARROW: dict[str, Any] = {
    "numbers": pa.array(range(ROWS)),
    "gaps": pa.array([None, 1.5] * ROWS),
    "text": pa.array(["a", "bc", None] * ROWS),
    "dictionary": pa.array(["a", "bc", None] * ROWS).dictionary_encode(),
    "list": pa.array([[1, 2], [], None] * ROWS),
    "struct": pa.array([{"a": 1, "b": "x"}] * ROWS),
    "table": pa.table({"a": range(ROWS), "b": ["x"] * ROWS}).replace_schema_metadata({"k": "v"}),
    "chunks": pa.concat_tables([pa.table({"a": [1, 2]}), pa.table({"a": [3]})]),
    "chunked": pa.chunked_array([range(ROWS), [1]]),
    "batch": pa.record_batch({"a": range(ROWS)}),
    "scalar": pa.scalar(1),
    "schema": pa.schema([("a", pa.int32())]),
}


@pytest.mark.parametrize("value", ARROW.values(), ids=ARROW.keys())
def test_arrow_data_comes_back_exactly(home: Home, value: Any) -> None:
    back = home.again(value)

    assert type(back) is type(value)
    assert back.equals(value)
    loaded = home.load(home.save(value))
    assert home.save(loaded.value, loaded) == home.save(value)


@pytest.mark.parametrize("name", ["numbers", "gaps", "text", "dictionary", "list", "struct", "table", "batch"])
def test_a_slice_of_arrow_data_is_stored_without_the_rest(home: Home, name: str) -> None:
    value = ARROW[name].slice(100, 10)

    artifact = home.save(value)

    assert artifact.size < 5000
    assert home.load(artifact).value.equals(value)


def test_arrays_inside_of_other_values_are_blocks_too(home: Home) -> None:
    rng = np.random.default_rng(0)
    value = {
        "random": rng.random(ROWS),
        "dates": np.arange(ROWS).astype("datetime64[s]"),
        "gaps": rng.random((ROWS, 4))[:, ::2],
        "small": np.arange(3),
        "column": pd.Series(rng.random(ROWS)).to_numpy(),  # a read-only view of writable memory
    }

    artifact = home.save(value)
    back = home.load(artifact).value

    assert len(artifact.buffers) == 4
    assert artifact.body is not None
    for name, array in value.items():
        assert np.array_equal(back[name], array)
        assert back[name].dtype == array.dtype
        assert back[name].flags.writeable


def test_a_list_of_many_arrays_is_not_as_many_files(home: Home) -> None:
    arrays = [np.random.default_rng(number).random(3000) for number in range(200)]

    back = home.again(arrays)

    assert home.files <= 65
    assert all(np.array_equal(one, other) for one, other in zip(back, arrays, strict=True))
