"""Which private mappings of files nobody has written to, asked of the kernel: their digests are known unread."""

import sys
from collections.abc import Sequence

_WRITTEN = ("Anonymous:", "Swap:")  # a page of a private mapping turns into these when it is written to


def address(view: memoryview) -> int | None:
    """Where writable memory starts; None for memory that is read-only or empty."""
    if view.readonly or not view.nbytes:
        return None
    import ctypes

    return ctypes.addressof(ctypes.c_char.from_buffer(view))


def clean(ranges: Sequence[tuple[int, int]]) -> set[int]:
    """The starts of those of the mapped `ranges` (start, size) that hold nothing but the pages of their files."""
    if sys.platform != "linux" or not ranges:
        return set()
    try:
        with open("/proc/self/smaps", encoding="ascii", errors="replace") as file:
            areas = _areas(file.read())
    except OSError:
        return set()
    return {start for start, size in ranges if _is_clean(areas, start, start + size)}


def _areas(smaps: str) -> list[tuple[int, int, int]]:
    """(start, end, written bytes) of every mapping."""
    areas: list[tuple[int, int, int]] = []
    for line in smaps.splitlines():
        first, _, rest = line.partition(" ")
        if first in _WRITTEN:
            start, end, written = areas[-1]
            areas[-1] = (start, end, written + int(rest.split()[0]))
        elif not first.endswith(":"):
            low, _, high = first.partition("-")
            areas.append((int(low, 16), int(high, 16), 0))
    return areas


def _is_clean(areas: list[tuple[int, int, int]], start: int, end: int) -> bool:
    """Whether mappings without a written page cover the range from its first to its last byte."""
    covered = start
    for low, high, written in areas:
        if low <= covered < high:
            if written:
                return False
            covered = high
        if covered >= end:
            return True
    return False
