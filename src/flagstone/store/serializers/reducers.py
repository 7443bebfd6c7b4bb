"""How pickle takes apart arrays and tables, wherever they are inside a value: into blocks that need no copy.

The libraries' own ways are kept where they do that already. The difference is in dates (numpy copies them), arrays
with gaps, columns of Python strings, polars frames (copied whole), slices of Arrow tables (stored with all they
were cut from), and pandas frames (column by column, so that a changed column is the only one stored again).
"""

import sys
from collections.abc import Callable
from functools import cache
from typing import Any

from flagstone.store.serializers import tables

Reducer = Callable[[Any], Any]

_SMALL = 16 << 10  # bytes; below, a copy costs nothing
_COLUMNS = 100  # a frame with more is stored as pandas holds it: separate columns would stay separate after loading
_NUMBERS = "?bhilqBHILQefdgFDG"
_TEXTS = 1000  # strings; below, pickle is as fast


def table() -> dict[type, Reducer]:
    """The reducers for the types of those libraries that are loaded: no other value can be here."""
    return _table(*(_loaded(name) for name in ("numpy", "pandas", "polars", "pyarrow")))


def is_steady(value: Any) -> bool:
    """Whether `value` is surely stored as the same bytes again after loading: plain frames are.

    Other values may share their small parts in another way then, and pickle writes down what is shared.
    """
    pandas = _loaded("pandas")
    if pandas is None or type(value) is not pandas.DataFrame or type(value.index) is not pandas.RangeIndex:
        return False
    return all(hasattr(dtype, "hasobject") or isinstance(dtype, pandas.StringDtype) for dtype in value.dtypes)


def _loaded(name: str) -> Any:
    """The module, or None; one that is just being imported is not there yet."""
    module = sys.modules.get(name)
    return module if hasattr(module, "__version__") else None


@cache
def _table(numpy: Any, pandas: Any, polars: Any, pyarrow: Any) -> dict[type, Reducer]:
    found: dict[type, Reducer] = {}
    if numpy is not None:
        found[numpy.ndarray] = _array
        found |= {type(numpy.dtype(code)): _number_type for code in _NUMBERS}
    if pandas is not None and numpy is not None:
        found[pandas.DataFrame] = _frame
    if pyarrow is not None:
        found |= {pyarrow.Table: _arrow, pyarrow.RecordBatch: _arrow}
        found |= dict.fromkeys(_family(pyarrow.Array), _arrow_column)
        if polars is not None:
            found |= {polars.DataFrame: _polars, polars.Series: _polars}
    return found


def _family(kind: type) -> set[type]:
    children: list[type] = kind.__subclasses__()
    return {kind}.union(*map(_family, children))


def _array(array: Any) -> Any:
    np: Any = sys.modules["numpy"]
    if array.dtype.hasobject or array.dtype.kind == "T":
        return array.__reduce_ex__(5)
    if array.nbytes >= _SMALL and not _is_whole(array):
        array = np.ascontiguousarray(array)
    if not array.flags.writeable:
        array = _writeable(array)
    if array.dtype.kind in "mM" and _is_whole(array):
        return np.ndarray.view, (array.view(np.int64), array.dtype)
    return array.__reduce_ex__(5)


def _number_type(dtype: Any) -> Any:
    """By its name, which gives numpy's one instance of it: a value stored again after loading looks the same."""
    again = type(dtype)()
    return (sys.modules["numpy"].dtype, (dtype.str,)) if again is dtype else dtype.__reduce_ex__(5)


def _is_whole(array: Any) -> bool:
    return bool(array.flags.c_contiguous or array.flags.f_contiguous)


def _writeable(array: Any) -> Any:
    """A writable view where the memory allows it: pandas hands out read-only views of its columns."""
    view = array.view()
    try:
        view.flags.writeable = True
    except ValueError:
        return array
    return view


def _frame(frame: Any) -> Any:
    if frame.shape[1] > _COLUMNS or frame.attrs or not frame.flags.allows_duplicate_labels:
        return frame.__reduce_ex__(5)
    columns = []
    for place in range(frame.shape[1]):
        series = frame.iloc[:, place]
        if not hasattr(series.dtype, "hasobject"):
            columns.append(series.array)  # a type of pandas' own
            continue
        column = series.to_numpy(copy=False)
        if not _is_whole(column):
            return frame.__reduce_ex__(5)
        columns.append(_texts(column) if series.dtype.hasobject else column)
    return tables.frame, (frame.columns, frame.index, columns)


def _texts(column: Any) -> Any:
    """A column of Python strings (and None) as Arrow's, repeated ones once; anything else as it is."""
    pyarrow = _loaded("pyarrow")
    if pyarrow is None or len(column) < _TEXTS or not {str} <= set(map(type, column)) <= {str, type(None)}:
        return column
    try:
        values = pyarrow.array(column, type=pyarrow.large_string())
    except (ValueError, pyarrow.ArrowException):
        return column  # half a character: Python can hold it, UTF-8 cannot
    coded = values.dictionary_encode()
    if len(coded.dictionary) > len(values) // 4:
        return tables.Texts(values, None)
    return tables.Texts(coded.dictionary, coded.indices.fill_null(-1).to_numpy())


def _polars(value: Any) -> Any:
    polars: Any = sys.modules["polars"]
    try:
        if isinstance(value, polars.Series):
            parts: tuple[Any, ...] = (value.name, value.to_arrow(compat_level=polars.CompatLevel.newest()))
            again: Any = tables.polars_series(*parts)
            return (tables.polars_series, parts) if again.dtype == value.dtype else value.__reduce_ex__(5)
        parts = (value.to_arrow(compat_level=polars.CompatLevel.newest()),)
        again = tables.polars_frame(*parts)
        faithful = again.schema == value.schema and again.shape == value.shape
        return (tables.polars_frame, parts) if faithful else value.__reduce_ex__(5)
    except polars.exceptions.PolarsError:
        return value.__reduce_ex__(5)


def _arrow(batch: Any) -> Any:
    return (_cut(batch) if _is_slice(batch) else batch).__reduce_ex__(5)


def _arrow_column(column: Any) -> Any:
    pyarrow: Any = sys.modules["pyarrow"]
    if _is_slice(column):
        column = _cut(pyarrow.record_batch([column], names=[""])).column(0)
    return column.__reduce_ex__(5)


def _is_slice(data: Any) -> bool:
    return bool(data.get_total_buffer_size() > data.nbytes * 1.25 + _SMALL)


def _cut(batch: Any) -> Any:
    """A copy of a table or a batch that has nothing but its own rows."""
    pyarrow: Any = sys.modules["pyarrow"]
    sink = pyarrow.BufferOutputStream()
    with pyarrow.ipc.new_stream(sink, batch.schema) as writer:
        writer.write(batch)
    with pyarrow.ipc.open_stream(sink.getvalue()) as reader:
        return reader.read_all() if isinstance(batch, pyarrow.Table) else reader.read_next_batch()
