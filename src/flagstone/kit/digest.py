"""Content digests: BLAKE3, 32 bytes, of one buffer or of several in a row."""

from collections.abc import Sequence
from typing import NewType

from blake3 import blake3

from flagstone.kit.processes import cores

Digest = NewType("Digest", bytes)


def digest_of(*buffers: bytes | bytearray | memoryview) -> Digest:
    """The digest of the concatenation of a few small `buffers`, on this thread alone."""
    hasher = blake3()
    for buffer in buffers:
        hasher.update(buffer)
    return Digest(hasher.digest())


_THREADED_FROM = 1 << 20  # bytes; below, starting threads takes longer than the digest


def digest_all(buffers: Sequence[bytes | bytearray | memoryview]) -> Digest:
    """The digest of the concatenation of `buffers`; large ones use every core.

    The threads belong to this one digest. blake3's shared pool (`AUTO`) would not survive a fork: a child whose
    parent has used it waits forever for threads that it does not have.
    """
    size = 0
    for buffer in buffers:
        size += buffer.nbytes if isinstance(buffer, memoryview) else len(buffer)
    if size < _THREADED_FROM:
        return digest_of(*buffers)
    hasher = blake3(max_threads=cores())
    for buffer in buffers:
        hasher.update(buffer)
    return Digest(hasher.digest())


def to_hex(digest: bytes) -> str:
    """Sixty-four lower-case hexadecimal characters."""
    return digest.hex()


def from_hex(text: str) -> Digest:
    """The inverse of `to_hex`. Raises ValueError for anything but 64 hexadecimal characters."""
    value = bytes.fromhex(text)
    if len(value) != 32:
        msg = f"a digest has 64 hexadecimal characters, this has {len(text)}"
        raise ValueError(msg)
    return Digest(value)
