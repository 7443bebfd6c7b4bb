"""What a value is, in a few words, without ever walking through a large one: its type and a short preview."""

import sys
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from flagstone.kit import text
from flagstone.kit.masking import masked, masked_preview
from flagstone.kit.text import plural
from flagstone.kit.text import size as size_text

LIMIT = 120  # characters of a preview

_LARGE = 64 << 10  # bytes as stored; the `repr` of anything larger may cost more than storing it
_SHORT = 128  # bytes as stored
_ITEMS = 6
_FLAT = (int, float, complex, bool, type(None))
_PLAIN = frozenset((*_FLAT, str))
_CONTAINERS = (list, tuple, set, frozenset, dict)


def type_name(kind: type) -> str:
    """`list`, `numpy.ndarray`, `pandas.DataFrame`: the shortest name under which people know the type."""
    module, name = kind.__module__, kind.__qualname__
    if module == "builtins":
        return name
    root = module.partition(".")[0]
    return f"{root if getattr(sys.modules.get(root), name, None) is kind else module}.{name}"


def preview(value: Any, size: int) -> str:
    """At most `LIMIT` characters about `value`, which takes `size` bytes as stored; cheap, and never raises."""
    if isinstance(value, str):
        value = masked(value)
    return masked_preview(_preview(value, size))


def _preview(value: Any, size: int) -> str:
    if type(value) in _PLAIN and size < _SHORT:
        return _shorten(repr(value))
    if isinstance(value, (str, bytes, bytearray)) and len(value) > LIMIT:
        return _shorten(f"{value[:LIMIT]!r}")
    try:
        shaped = _shaped(value)
    except Exception:  # noqa: BLE001 - a look-alike's attributes may do anything; the general preview remains
        shaped = None
    if shaped is not None:
        return _shorten(shaped)
    if size < _LARGE and not (isinstance(value, _CONTAINERS) and len(value) > LIMIT):
        return text.preview(value, LIMIT)
    if isinstance(value, _CONTAINERS):
        return _shorten(_outline(value))
    return _shorten(f"<{type_name(type(value))}, {size_text(size)}>")


def _shaped(value: Any) -> str | None:
    """Arrays, tensors, columns and tables by their shape and the types in them; None for everything else."""
    shape, columns = getattr(type(value), "shape", None), getattr(type(value), "columns", None)
    if shape is None:
        return None
    if columns is not None:
        return _table(value)
    dtype = getattr(value, "dtype", None) or getattr(value, "type", None)
    return None if dtype is None or not value.shape else f"{dtype} {tuple(value.shape)}"


def _table(value: Any) -> str:
    rows, width = value.shape
    head = f"{rows} x {width}"
    if hasattr(value, "schema") and hasattr(value, "column_names"):
        names, types = list(value.column_names), list(value.schema.types)
    else:
        names, types = list(value.columns[:_ITEMS]), list(getattr(value.dtypes, "array", value.dtypes)[:_ITEMS])
    parts = [f"{name} {kind}" for name, kind in zip(names[:_ITEMS], types[:_ITEMS], strict=True)]
    return f"{head}: {', '.join(parts)}{', …' if width > _ITEMS else ''}" if parts else head


def _outline(value: Any) -> str:
    """The number of items of a container and its first ones, as far as they are short."""
    if isinstance(value, Mapping):
        first: Iterable[str] = (f"{_brief(key)}: {_brief(item)}" for key, item in islice(value.items(), _ITEMS))
    else:
        first = (_brief(item) for item in islice(value, _ITEMS))
    return f"{plural(len(value), 'item')}: {', '.join(first)}, …"


def _brief(item: Any) -> str:
    if isinstance(item, str):
        return repr(masked(item)[:20])
    return repr(item) if isinstance(item, _FLAT) else type_name(type(item))


def _shorten(line: str) -> str:
    line = text.encodable(" ".join(line.split()))
    return line if len(line) <= LIMIT else line[: LIMIT - 1] + "…"
