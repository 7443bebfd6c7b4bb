"""A page of memory shared by the engine, the zygote and what it forks: which job is begun, withdrawn, or settled.

Jobs wait in a worker's socket, where nothing can be taken back. To withdraw one, the engine writes its ticket here
and then looks how far the worker has begun; the worker writes the ticket that it is about to begin and then looks
whether it was withdrawn. So at least one of them sees the other, and a job is either withdrawn or begun, never both.
"""

import mmap
import os
import struct

WITHDRAWN = 128  # tickets remembered a slot; twice as many as jobs may wait in a socket

_one = struct.Struct("<Q")
_all = struct.Struct(f"<{WITHDRAWN}Q")
_BEGUN, _RESTED, _SETTLED, _GONE = (_one.size * place for place in range(4))  # where each lies in a row
_ROW = _GONE + _all.size


class Board:
    """One row a slot. Tickets count from 1, and a worker begins them in their order."""

    def __init__(self, slots: int) -> None:
        self._page = mmap.mmap(-1, max(1, slots) * _ROW)
        self._next = [0] * slots

    def begin(self, slot: int, ticket: int) -> bool:
        """A worker is about to begin a job; False when it was withdrawn."""
        self._write(slot, _BEGUN, ticket)
        return ticket not in _all.unpack_from(self._page, slot * _ROW + _GONE)

    def rest(self, slot: int) -> None:
        """A worker is at nothing, and has told all that it has done."""
        self._write(slot, _RESTED, self._read(slot, _BEGUN))

    def settle(self, slot: int, ticket: int) -> None:
        """A forked task has sent its final report: of its end nobody needs to hear."""
        self._write(slot, _SETTLED, ticket)

    def is_settled(self, slot: int, ticket: int) -> bool:
        """Whether that was the last task to settle in this slot."""
        return self._read(slot, _SETTLED) == ticket

    def current(self, slot: int) -> int:
        """The ticket that a worker is at, or was at when it died; 0 for none."""
        begun = self._read(slot, _BEGUN)
        return begun if begun != self._read(slot, _RESTED) else 0

    def withdraw(self, slot: int, ticket: int) -> bool:
        """Keep a job that was sent from being begun; False when the worker has begun it already."""
        self._write(slot, _GONE + self._next[slot] * _one.size, ticket)
        self._next[slot] = (self._next[slot] + 1) % WITHDRAWN
        os.sched_yield()  # a system call: both sides' writes have reached memory before the next line reads
        return self._read(slot, _BEGUN) < ticket

    def close(self) -> None:
        """Give the page back."""
        self._page.close()

    def _read(self, slot: int, place: int) -> int:
        value: int = _one.unpack_from(self._page, slot * _ROW + place)[0]
        return value

    def _write(self, slot: int, place: int, value: int) -> None:
        _one.pack_into(self._page, slot * _ROW + place, value)
