"""Many bytes into one new file as fast as the disk takes them, durable at the end.

Large content goes around the page cache (`O_DIRECT`) on Linux: copying it there first costs several times what
the disk needs, and pushes out of memory what other tasks work with. Two threads each fill a small aligned buffer
and write it, so that copying and writing overlap. Where the file system refuses, everything is written plainly.
"""

import errno
import mmap
import os
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path

from flagstone.kit.files import write_all
from flagstone.kit.threads import each
from flagstone.ports.blob_store import Buffer

DIRECT_FROM = 8 << 20  # bytes; below, the page cache is as fast, and the next task finds the data in it

_CHUNK = 4 << 20
_BLOCK = 4096  # a multiple of every disk's block
_THREADS = 2


def write_file(path: Path, buffers: Sequence[Buffer], *, mode: int, modified: int) -> None:
    """Create `path` with the concatenation of `buffers`, the permissions `mode` and the time `modified` (ns).

    Content, permissions and time survive a power cut once this returns. Raises OSError; the file may be there then.
    """
    parts = [memoryview(buffer).cast("B") for buffer in buffers]
    fd = _open_direct(path) if sum(map(len, parts)) >= DIRECT_FROM else None
    try:
        if fd is not None and not _write_direct(fd, parts):
            os.close(fd)
            fd = None
        if fd is None:
            fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            write_all(fd, parts)
        os.fchmod(fd, mode)
        os.utime(path, ns=(modified, modified))
        os.fsync(fd)
    finally:
        if fd is not None:
            os.close(fd)


def _open_direct(path: Path) -> int | None:
    flag = getattr(os, "O_DIRECT", 0)
    if not flag:
        return None
    try:
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | flag, 0o600)
    except OSError as error:
        if error.errno in {errno.EINVAL, errno.EOPNOTSUPP}:
            return None
        raise


def _write_direct(fd: int, parts: list[memoryview]) -> bool:
    """Write all `parts`; False when the file system takes no unbuffered writes after all."""
    total = sum(map(len, parts))
    starts = [0, *accumulate(map(len, parts))]
    left = iter(range(0, total, _CHUNK))  # `next` on it is atomic

    def work(_: int) -> None:
        bounce = memoryview(mmap.mmap(-1, _CHUNK))
        for offset in left:
            size = min(_CHUNK, total - offset)
            _gather(parts, starts, offset, bounce[:size])
            _write_at(fd, bounce[: -(-size // _BLOCK) * _BLOCK], offset)

    try:
        os.posix_fallocate(fd, 0, total)  # a full disk is known before the first byte, and both threads may write
        each(work, range(_THREADS), _THREADS)
    except OSError as error:
        if error.errno in {errno.EINVAL, errno.EOPNOTSUPP}:
            return False
        raise
    os.ftruncate(fd, total)
    return True


def _gather(parts: list[memoryview], starts: list[int], offset: int, into: memoryview) -> None:
    """Copy the bytes of the concatenation of `parts` from `offset` on until `into` is full."""
    index = bisect_right(starts, offset) - 1
    done = 0
    while done < len(into):
        piece = parts[index][offset + done - starts[index] :][: len(into) - done]
        into[done : done + len(piece)] = piece
        done += len(piece)
        index += 1


def _write_at(fd: int, data: memoryview, offset: int) -> None:
    while data:
        written = os.pwrite(fd, data, offset)
        data, offset = data[written:], offset + written
