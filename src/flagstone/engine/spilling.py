"""The inputs of a join when they are many: a file that the engine writes and the task reads by position."""

import struct
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import overload

from flagstone.model.jobs import JobInput, decode_input, encode

_LENGTH = struct.Struct("<I")


def spill(path: Path, inputs: Iterable[JobInput]) -> None:
    """Write inputs one after the other; memory stays bounded. Raises OSError."""
    with path.open("wb") as file:
        for found in inputs:
            data = encode(found)
            file.write(_LENGTH.pack(len(data)))
            file.write(data)


class SpilledInputs(Sequence[JobInput]):
    """The inputs of a job in a file, found by position; only the positions are held in memory."""

    def __init__(self, path: str) -> None:
        self._data = Path(path).read_bytes()
        self._offsets: list[int] = []
        at = 0
        while at < len(self._data):
            self._offsets.append(at)
            at += _LENGTH.size + _LENGTH.unpack_from(self._data, at)[0]

    def __len__(self) -> int:
        return len(self._offsets)

    @overload
    def __getitem__(self, index: int) -> JobInput: ...
    @overload
    def __getitem__(self, index: slice) -> list[JobInput]: ...
    def __getitem__(self, index: int | slice) -> JobInput | list[JobInput]:
        if isinstance(index, slice):
            return [self._read(at) for at in self._offsets[index]]
        return self._read(self._offsets[index])

    def _read(self, at: int) -> JobInput:
        length = _LENGTH.unpack_from(self._data, at)[0]
        start = at + _LENGTH.size
        return decode_input(self._data[start : start + length])
