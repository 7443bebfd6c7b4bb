"""The inputs of a join when they are many: a file that the engine writes and the task reads by position.

It holds the inputs, one after the other, then where each begins and where the last one ends, then how many there are.
"""

import mmap
import struct
from array import array
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import overload

from flagstone.model.jobs import JobInput, decode_input, encode_input

_COUNT = struct.Struct("<Q")
_OFFSET = "Q"  # 8 bytes


def spill(path: Path, inputs: Iterable[JobInput]) -> None:
    """Write inputs one after the other; memory stays bounded. Raises OSError."""
    offsets = array(_OFFSET, (0,))
    with path.open("wb") as file:
        for found in inputs:
            data = encode_input(found)
            file.write(data)
            offsets.append(offsets[-1] + len(data))
        file.write(offsets.tobytes())
        file.write(_COUNT.pack(len(offsets) - 1))


class SpilledInputs(Sequence[JobInput]):
    """The inputs of a job in a file, found by position; the file is mapped, so memory holds what is looked at."""

    def __init__(self, path: str) -> None:
        with Path(path).open("rb") as file:
            self._data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        end = len(self._data) - _COUNT.size
        count = _COUNT.unpack_from(self._data, end)[0]
        self._offsets = array(_OFFSET)
        self._offsets.frombytes(self._data[end - (count + 1) * self._offsets.itemsize : end])

    def __len__(self) -> int:
        return len(self._offsets) - 1

    @overload
    def __getitem__(self, index: int) -> JobInput: ...
    @overload
    def __getitem__(self, index: slice) -> list[JobInput]: ...
    def __getitem__(self, index: int | slice) -> JobInput | list[JobInput]:
        if isinstance(index, slice):
            return [self._read(at) for at in range(*index.indices(len(self)))]
        at = index + len(self) if index < 0 else index
        if not 0 <= at < len(self):
            raise IndexError(index)
        return self._read(at)

    def pages(self, size: int) -> Iterator[tuple[int, bytes]]:
        """All inputs, `size` at a time: how many, and their `InlineInput` forms one after the other."""
        for start in range(0, len(self), size):
            end = min(start + size, len(self))
            yield end - start, self._data[self._offsets[start] : self._offsets[end]]

    def _read(self, at: int) -> JobInput:
        return decode_input(self._data[self._offsets[at] : self._offsets[at + 1]])
