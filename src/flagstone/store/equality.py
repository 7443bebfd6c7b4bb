"""Whether two loaded values are equal by what they hold, however they were built."""

import pickle
from collections.abc import Callable
from typing import Any


def equal(one: Any, other: Any) -> bool:
    """Whether two values are of one type and hold the same; False where that cannot be said. NaN equals NaN."""
    try:
        return _equal(one, other)
    except Exception:  # noqa: BLE001 - a user's __eq__ may raise anything; then nobody can call the values equal
        return False


def _equal(one: Any, other: Any) -> bool:
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_equal(part, other[key]) for key, part in one.items())
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(_equal(a, b) for a, b in zip(one, other, strict=True))
    if isinstance(one, float):
        return one == other or (one != one and other != other)
    return _compare(one)(one, other)


def _compare(value: Any) -> Callable[[Any, Any], bool]:
    kind: Any = type(value)
    if kind.__module__.partition(".")[0] in {"pandas", "polars", "pyarrow"} and hasattr(value, "equals"):
        return _same_table
    if kind.__module__ == "numpy" and hasattr(value, "dtype"):
        return _same_array
    if kind.__eq__ is object.__eq__:
        return _same_state
    return lambda one, other: (one == other) is True


def _same_table(one: Any, other: Any) -> bool:
    return bool(one.equals(other)) and _labels(one) == _labels(other)


def _labels(table: Any) -> list[Any]:
    """What `equals` does not look at: the names of the axes and of a column, and polars' types."""
    own = [getattr(table, name) for name in ("name", "schema", "dtype") if hasattr(type(table), name)]
    axes = [getattr(table, name, None) for name in ("index", "columns")]
    return own + [list(getattr(axis, "names", ())) for axis in axes]


def _same_array(one: Any, other: Any) -> bool:
    if one.dtype != other.dtype or one.shape != other.shape:
        return False
    if one.dtype.hasobject:
        return all(_equal(a, b) for a, b in zip(one.ravel().tolist(), other.ravel().tolist(), strict=True))
    same = one == other
    if one.dtype.kind in "fcmM":
        same |= (one != one) & (other != other)
    return bool(same.all())


def _same_state(one: Any, other: Any) -> bool:
    """Objects that are only equal to themselves: by what they would be stored as."""
    return pickle.dumps(one, 5) == pickle.dumps(other, 5)
