"""Many bytes into one new file as fast as the disk takes them, durable at the end.

Two threads write large content, and the disk begins with each piece while the next one is copied. While memory is ample
it goes through the page cache, where the task that reads it next finds it; else around it (`O_DIRECT`), so that it does
not push out of memory what other tasks work with. Where the file system refuses that, it is written plainly.
"""

import errno
import mmap
import os
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from pathlib import Path

from flagstone.kit.files import begin_writing, write_all
from flagstone.kit.processes import free_memory
from flagstone.kit.threads import each
from flagstone.ports.blob_store import Buffer

LARGE = 8 << 20  # bytes; below, one thread and one write are as fast
AMPLE = 4  # times as much memory must be free as is to be written, or it goes around the page cache

_CHUNK = 4 << 20
_BLOCK = 4096  # a multiple of every disk's block
_THREADS = 2


def write_file(path: Path, buffers: Sequence[Buffer], *, mode: int, modified: int) -> None:
    """Create `path` with the concatenation of `buffers`, the permissions `mode` and the time `modified` (ns).

    Content, permissions and time survive a power cut once this returns. Raises OSError; the file may be there then.
    """
    parts = [memoryview(buffer).cast("B") for buffer in buffers]
    total = sum(map(len, parts))
    around = total >= LARGE and free_memory() < AMPLE * total
    fd = _open_direct(path) if around else None
    try:
        if fd is not None and not _write_direct(fd, parts):
            os.close(fd)
            fd = None
        if fd is None:
            fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            if total < LARGE or not _write_overlapping(fd, parts):
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


def _write_overlapping(fd: int, parts: list[memoryview]) -> bool:
    """Write all `parts` through the page cache; False when the file system cannot reserve their room beforehand."""
    total = sum(map(len, parts))
    starts = [0, *accumulate(map(len, parts))]
    left = iter(range(0, total, _CHUNK))  # `next` on it is atomic
    begin = begin_writing()

    def work(_: int) -> None:
        for offset in left:
            end = min(offset + _CHUNK, total)
            at = offset
            for piece in _pieces(parts, starts, offset, end):
                _write_at(fd, piece, at)
                at += len(piece)
            begin(fd, offset, end - offset)

    if not hasattr(os, "posix_fallocate"):
        return False
    try:
        os.posix_fallocate(fd, 0, total)
        each(work, range(_THREADS), _THREADS)
    except OSError as error:
        if error.errno in {errno.EINVAL, errno.EOPNOTSUPP}:
            return False
        raise
    return True


def _pieces(parts: list[memoryview], starts: list[int], offset: int, end: int) -> Iterator[memoryview]:
    """What the concatenation of `parts` holds from `offset` to `end`, without copying it."""
    index = bisect_right(starts, offset) - 1
    while offset < end:
        piece = parts[index][offset - starts[index] :][: end - offset]
        if piece:
            yield piece
        offset += len(piece)
        index += 1


def _gather(parts: list[memoryview], starts: list[int], offset: int, into: memoryview) -> None:
    """Copy the bytes of the concatenation of `parts` from `offset` on until `into` is full."""
    done = 0
    for piece in _pieces(parts, starts, offset, offset + len(into)):
        into[done : done + len(piece)] = piece
        done += len(piece)


def _write_at(fd: int, data: memoryview, offset: int) -> None:
    while data:
        written = os.pwrite(fd, data, offset)
        data, offset = data[written:], offset + written
