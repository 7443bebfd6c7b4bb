"""Whether bytes are worth compressing, and compressing them: zstd, level 1."""

from blake3 import blake3

from flagstone.ports.blob_store import Buffer

_LEVEL = 1
_READ = 1 << 20
_PIECE = 64 << 10
_PIECES = 6
_WORTH = 0.8  # of the size: what does not shrink below it is kept as it is, so that it can be mapped
_LEAST = 4 << 10  # bytes; smaller blobs take one block of the disk anyway


def pays(view: memoryview) -> bool:
    """Whether a few samples of `view` shrink enough."""
    if len(view) < _LEAST:
        return False
    import zstandard

    compressor = zstandard.ZstdCompressor(level=_LEVEL)
    step = max((len(view) - _PIECE) // (_PIECES - 1), _PIECE)
    samples = [view[start : start + _PIECE] for start in range(0, len(view), step)]
    return sum(len(compressor.compress(sample)) for sample in samples) < _WORTH * sum(map(len, samples))


def compress(view: Buffer) -> bytes:
    """One zstd frame."""
    import zstandard

    return zstandard.ZstdCompressor(level=_LEVEL).compress(view)


def decompress(data: Buffer, into: memoryview) -> bool:
    """Fill `into` with what `data` holds; False when `data` is damaged or holds another number of bytes."""
    import zstandard

    try:
        with zstandard.ZstdDecompressor().stream_reader(data) as reader:
            done = 0
            while done < len(into):
                count = reader.readinto(into[done:])
                if not count:
                    return False
                done += count
            return not reader.read(1)
    except zstandard.ZstdError:
        return False


def digest(data: Buffer) -> bytes | None:
    """The digest of what `data` holds, decompressed piece by piece; None when it is damaged."""
    import zstandard

    hasher = blake3()
    try:
        with zstandard.ZstdDecompressor().stream_reader(data) as reader:
            while piece := reader.read(_READ):
                hasher.update(piece)
    except zstandard.ZstdError:
        return None
    return hasher.digest()
