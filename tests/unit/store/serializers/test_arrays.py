"""numpy arrays come back exactly: type, shape, order, every bit; and stay one block of memory."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

from flagstone.store.serializers.arrays import ArraySerializer

LARGE = 3000


def through(array: Any) -> Any:
    """The array after a way through the serializer, on memory of its own."""
    serializer = ArraySerializer()
    assert serializer.claims(array)
    kept: list[memoryview] = []
    body = serializer.dump(array, kept.append)
    assert len(body) < 1000
    return serializer.load(memoryview(body), [memoryview(bytearray(block)) for block in kept])


def assert_same(one: Any, other: Any) -> None:
    assert one.dtype == other.dtype
    assert one.shape == other.shape
    assert one.tobytes() == other.tobytes()


@given(st.data())
@settings(max_examples=60)
def test_arrays_of_every_plain_type_come_back(data: st.DataObject) -> None:
    dtypes = (
        arrays_of.boolean_dtypes()
        | arrays_of.integer_dtypes(endianness="?")
        | arrays_of.floating_dtypes(endianness="?")
        | arrays_of.complex_number_dtypes()
        | arrays_of.datetime64_dtypes()
        | arrays_of.timedelta64_dtypes()
        | arrays_of.unicode_string_dtypes(min_len=1, max_len=5)
        | arrays_of.byte_string_dtypes(min_len=1, max_len=5)
    )
    dtype = data.draw(dtypes)
    few = data.draw(arrays_of.arrays(dtype, st.integers(1, 8)))
    array = np.resize(few, (LARGE * 8, 3))

    assert_same(through(array), array)


@pytest.mark.parametrize(
    "array",
    [
        np.arange(LARGE * 4).reshape(-1, 4),
        np.asfortranarray(np.arange(LARGE * 4).reshape(-1, 4)),
        np.arange(LARGE * 4).reshape(-1, 4)[::2, ::-1],
        np.zeros((LARGE, 2, 3, 1)).transpose(2, 0, 3, 1),
        np.zeros(LARGE, dtype=[("a", "<f8"), ("b", "S3"), ("c", "i4", (2, 2))]),
        np.zeros(LARGE, dtype=np.dtype({"names": ["a", "b"], "formats": ["i1", "f8"], "offsets": [0, 16]})),
        np.broadcast_to(np.arange(3), (LARGE, 3)),
        np.arange("2000-01-01", "2020-01-01", dtype="datetime64[D]"),
    ],
    ids=["c", "fortran", "gaps", "transposed", "records", "padded", "broadcast", "dates"],
)
def test_arrays_of_every_layout_come_back(array: Any) -> None:
    back = through(array)

    assert_same(back, array)
    assert back.flags.writeable
    assert back.flags.f_contiguous == (array.flags.f_contiguous or (not array.flags.c_contiguous and array.ndim == 1))


def test_an_array_without_gaps_is_not_copied() -> None:
    for array in (np.arange(LARGE), np.asfortranarray(np.ones((LARGE, 3)))):
        kept: list[memoryview] = []
        ArraySerializer().dump(array, kept.append)
        assert np.shares_memory(np.frombuffer(kept[0], np.uint8), array)


@pytest.mark.parametrize(
    "value",
    [
        np.ma.masked_array(np.arange(LARGE), mask=False),
        np.array([object()] * LARGE),
        np.array(["text"] * LARGE, dtype=np.dtypes.StringDType()),
        np.recarray((LARGE,), dtype=[("a", "f8")]),
        np.arange(3),
        np.zeros((0, 5)),
        np.array(7),
        np.float64(7),
        [1, 2],
    ],
    ids=["masked", "objects", "strings", "recarray", "small", "empty", "0-d", "scalar", "list"],
)
def test_what_knows_more_than_its_memory_or_is_small_is_left_to_pickle(value: Any) -> None:
    assert not ArraySerializer().claims(value)
