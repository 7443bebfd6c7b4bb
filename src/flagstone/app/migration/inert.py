"""Unpickles without running anything: what is not plain data becomes a stand-in that holds what it was made of."""

import collections
import datetime as dt
import io
import pickle
from typing import Any, Self

_PLAIN: dict[tuple[str, str], Any] = {
    ("builtins", "bytearray"): bytearray,
    ("builtins", "complex"): complex,
    ("builtins", "frozenset"): frozenset,
    ("builtins", "range"): range,
    ("builtins", "set"): set,
    ("collections", "OrderedDict"): collections.OrderedDict,
    ("datetime", "date"): dt.date,
    ("datetime", "datetime"): dt.datetime,
    ("datetime", "timedelta"): dt.timedelta,
}


class StandIn:
    """An object of a class that was not imported: its name, the arguments it was made with, and its state."""

    module = ""
    name = ""

    def __new__(cls, *arguments: Any, **named: Any) -> Self:
        """Hold the arguments."""
        made = super().__new__(cls)
        made.arguments, made.named, made.state = arguments, named, {}
        return made

    arguments: tuple[Any, ...]
    named: dict[str, Any]
    state: dict[str, Any]

    def __init__(self, *arguments: Any, **named: Any) -> None:
        """Done in `__new__`, which is all that some pickles call."""

    def __setstate__(self, state: Any) -> None:
        self.state = state if isinstance(state, dict) else {"": state}

    def append(self, item: Any) -> None:
        """Objects that derive from list are filled like this; their items do not matter."""

    def __setitem__(self, key: Any, value: Any) -> None:
        """Objects that derive from dict are filled like this."""
        self.state[str(key)] = value


class Impure(Exception):
    """The pickle holds more than plain data."""


# What a damaged or hostile pickle makes the unpickler raise.
PICKLE_ERRORS = (
    *(pickle.UnpicklingError, Impure, ValueError, KeyError, TypeError, AttributeError, IndexError, EOFError),
    *(ImportError, OverflowError, MemoryError, RecursionError),
)


class _Inert(pickle.Unpickler):
    def __init__(self, data: bytes, *, only_plain: bool) -> None:
        super().__init__(io.BytesIO(data))
        self._only_plain = only_plain

    def find_class(self, module: str, name: str, /) -> Any:
        plain = _PLAIN.get((module, name))
        if plain is not None:
            return plain
        if self._only_plain:
            raise Impure(f"{module}.{name}")
        return type("StandIn", (StandIn,), {"module": module, "name": name})

    def persistent_load(self, pid: Any, /) -> Any:
        raise Impure("a persistent id")


def load(data: bytes) -> Any:
    """The value with stand-ins. Raises PICKLE_ERRORS."""
    return _Inert(data, only_plain=False).load()


def load_plain(data: bytes) -> Any:
    """The value when it is nothing but plain data. Raises PICKLE_ERRORS, Impure among them."""
    return _Inert(data, only_plain=True).load()
