"""Pickle protocol 5: everything that is importable by name, its large memory blocks beside the body."""

import contextlib
import copyreg
import io
import pickle
from collections.abc import Callable, Sequence
from types import FunctionType
from typing import Any

from flagstone.model.errors import UnreadableArtifact
from flagstone.store.serializers import reducers
from flagstone.store.serializers.registry import MainResolver

Keep = Callable[[memoryview], None]

PROTOCOL = 5

_MAIN = "__main__"
_SMALL = 16 << 10  # bytes; smaller blocks ride in the body
_MANY = 64  # blocks; a value that has more keeps only those beside the body that are ...
_LARGE = 1 << 20  # ... this large, so that a list of many arrays does not become as many files


class PickleSerializer:
    """The form of most values."""

    name = "pickle"

    def __init__(self, main_resolver: MainResolver | None = None) -> None:
        self._main_resolver = main_resolver

    def claims(self, value: Any) -> bool:
        """True: only an attempt tells."""
        del value
        return True

    def dump(self, value: Any, keep: Keep) -> bytes:
        """The body. Raises what pickle raises, and CodeInMain."""
        kept: list[memoryview] = []
        body = _dump(value, aside(kept.append))
        if _MAIN.encode() in body:
            _MainScan(io.BytesIO(), PROTOCOL, buffer_callback=lambda _: None).dump(value)
        for block in kept:
            keep(block)
        return body

    def load(self, body: memoryview, buffers: Sequence[memoryview]) -> Any:
        """The value. Raises what unpickling raises, and UnreadableArtifact for a class of a script that is not here."""
        try:
            return pickle.loads(body, buffers=buffers)
        except AttributeError as error:
            if f"{_MAIN}'" not in str(error):
                raise
        return MainUnpickler(io.BytesIO(body), buffers, self._main_resolver).load()


def aside(keep: Keep) -> Callable[[pickle.PickleBuffer], bool]:
    """A buffer callback for pickle that keeps large blocks and leaves small ones in the body."""
    count = 0

    def take(buffer: pickle.PickleBuffer) -> bool:
        nonlocal count
        try:
            block = buffer.raw()
        except BufferError:
            return True  # it has gaps
        if len(block) < (_SMALL if count < _MANY else _LARGE):
            return True
        count += 1
        keep(block)
        return False

    return take


def _dump(value: Any, take: Callable[[pickle.PickleBuffer], bool]) -> bytes:
    table = reducers.table()
    if not table:
        return pickle.dumps(value, PROTOCOL, buffer_callback=take)
    file = io.BytesIO()
    pickler = pickle.Pickler(file, PROTOCOL, buffer_callback=take)
    pickler.dispatch_table = copyreg.dispatch_table | table
    pickler.dump(value)
    return file.getvalue()


class CodeInMain(Exception):
    """A function of the script itself: by reference it could be loaded by nobody but this script."""


class _MainScan(pickle.Pickler):
    def reducer_override(self, obj: Any) -> Any:
        if isinstance(obj, FunctionType) and obj.__module__ == _MAIN:
            raise CodeInMain(obj.__qualname__)
        return NotImplemented


class MainUnpickler(pickle.Unpickler):
    """Finds the classes of the script that stored a value, when another program reads it."""

    def __init__(self, file: io.BytesIO, buffers: Sequence[memoryview], resolver: MainResolver | None) -> None:
        super().__init__(file, buffers=buffers)
        self._resolver = resolver

    def find_class(self, module: str, name: str, /) -> Any:
        try:
            return super().find_class(module, name)
        except AttributeError:
            if module != _MAIN:
                raise
        if self._resolver is not None:
            with contextlib.suppress(AttributeError):
                return self._resolver(name)
        first = name.partition(".")[0]
        raise UnreadableArtifact(
            what="it",
            problem=f"{name} was defined in the script that ran the flow, and is not defined here",
            hint=f"import it from the flow's file into this one first: `from <flow's file> import {first}`",
        )
