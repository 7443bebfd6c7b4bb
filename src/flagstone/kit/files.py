"""Files that appear whole or not at all."""

import contextlib
import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path  # at run time its own methods are enough: importing it costs a command line milliseconds

Buffer = bytes | bytearray | memoryview


def write_all(fd: int, buffers: Sequence[Buffer]) -> None:
    """Write every byte of `buffers` to `fd`, however short the system's writes are."""
    for buffer in buffers:
        view = memoryview(buffer).cast("B")
        while view:
            view = view[os.write(fd, view) :]


def begin_writing() -> Callable[[int, int, int], object]:
    """A function of a descriptor, an offset and a length: the disk begins with that part, and nobody waits for it.

    It does nothing where the system has no such call.
    """
    import ctypes  # only for large files

    try:
        call = ctypes.CDLL(None).sync_file_range
    except (OSError, AttributeError, TypeError):
        return lambda _fd, _offset, _length: None
    call.argtypes = (ctypes.c_int, ctypes.c_int64, ctypes.c_int64, ctypes.c_uint)
    return lambda fd, offset, length: call(fd, offset, length, 2)  # 2: SYNC_FILE_RANGE_WRITE


def publish(path: "Path", buffers: Sequence[Buffer], *, mode: int = 0o600, durable: bool = True) -> None:
    """Write `buffers` to a new file beside `path` and rename it there: readers see all of it or nothing.

    With `durable`, both the content and the name survive a power cut once this returns. Raises OSError.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    try:
        try:
            write_all(fd, buffers)
            if durable:
                os.fsync(fd)
        finally:
            os.close(fd)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    if durable:
        sync_directory(path.parent)


def sync_directory(path: "Path") -> None:
    """Make the names in a directory durable (a no-op where directories cannot be opened)."""
    try:
        fd = os.open(path, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def private_directory(path: "Path") -> "Path":
    """Create `path` and its parents, readable by their owner only. Raises OSError."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path
