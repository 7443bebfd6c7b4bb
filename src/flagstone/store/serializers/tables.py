"""Puts tables together again. Stored values refer to these functions by name: neither names nor meanings change."""

from collections.abc import Sequence
from typing import Any, NamedTuple


class Texts(NamedTuple):
    """A column of strings: all of them in order, or each once with the places where it stands (-1: None)."""

    values: Any  # pyarrow.LargeStringArray
    places: Any  # numpy.ndarray of integers, or None

    def to_objects(self) -> Any:
        """The column as a numpy array of Python strings."""
        import numpy as np

        texts = self.values.to_numpy(zero_copy_only=False)
        if self.places is None:
            return texts if texts.flags.writeable else texts.copy()
        return np.append(texts, np.array([None], dtype=object)).take(self.places)


def frame(columns: Any, index: Any, arrays: Sequence[Any]) -> Any:
    """A pandas frame that stands on `arrays`, without a copy."""
    import pandas as pd

    whole = pd.DataFrame({place: _column(array, index) for place, array in enumerate(arrays)}, index=index, copy=False)
    whole.columns = columns
    return whole


def _column(array: Any, index: Any) -> Any:
    import pandas as pd

    if isinstance(array, Texts):
        array = array.to_objects()
    # A bare array of objects would be looked through for a better type.
    return pd.Series(array, index=index, dtype=array.dtype, copy=False) if array.dtype == object else array


def polars_frame(table: Any) -> Any:
    """A polars frame that stands on an Arrow table."""
    import polars as pl

    return pl.from_arrow(table)


def polars_series(name: str, column: Any) -> Any:
    """A polars series that stands on an Arrow column."""
    import polars as pl

    return pl.Series(name, column)
