"""When which part of a log was written: samples of (time, bytes of stdout, bytes of stderr), and merging by them."""

import struct
from collections.abc import Iterable, Iterator

_SAMPLE = struct.Struct("<dqq")


def pack(samples: Iterable[tuple[float, int, int]]) -> bytes:
    """Samples in order, offsets relative to the attempt's first byte."""
    return b"".join(_SAMPLE.pack(*sample) for sample in samples)


def unpack(data: bytes) -> list[tuple[float, int, int]]:
    """The inverse; a torn last sample is left out."""
    whole = len(data) - len(data) % _SAMPLE.size
    return list(_SAMPLE.iter_unpack(data[:whole]))


def stamped(data: bytes, samples: list[tuple[float, int]]) -> Iterator[tuple[float, bytes]]:
    """The lines of one stream with the time of the first sample that covers their end; lines keep their newline."""
    offset, at = 0, 0
    for line in lines(data):
        offset += len(line)
        while at < len(samples) - 1 and samples[at][1] < offset:
            at += 1
        yield (samples[at][0] if samples else 0.0), line


def lines(data: bytes) -> Iterator[bytes]:
    """Lines end at newlines only: a carriage return is part of a progress bar's line."""
    start = 0
    while start < len(data):
        end = data.find(b"\n", start) + 1 or len(data)
        yield data[start:end]
        start = end
