"""Blocks of memory to blobs and back: named by digest, stored once, compressed where it pays, verified when read."""

from collections.abc import Sequence
from itertools import accumulate

from flagstone.kit.digest import digest_all, to_hex
from flagstone.kit.threads import each
from flagstone.model.artifacts import BlobRef
from flagstone.model.errors import CorruptBlob
from flagstone.ports.blob_store import BlobStore, Buffer
from flagstone.store import compression

Block = tuple[BlobRef, ...]  # the blobs whose concatenation one block of memory is

ZSTD = ".zst"

_CHUNK = 32 << 20  # bytes of a block that are compressed at a time: bounds the memory that compressing takes
_TRUSTED_FROM = 64 << 20  # bytes; a sealed blob of this size is mapped without reading it whole to verify it
_MAPPED_FROM = 1 << 20  # bytes; a mapping keeps a file open, so smaller blobs are read
_REMEMBERED = 16 << 20  # bytes; the largest blob that stays in memory for the next read of a part of it


class Content:
    """The blobs of a store, addressed by what they hold."""

    def __init__(self, blobs: BlobStore) -> None:
        self._blobs = blobs
        self._verified: set[bytes] = set()
        self._last: tuple[bytes, memoryview] = (b"", memoryview(b""))  # a pack is read artifact by artifact

    def name(self, block: memoryview) -> Block:
        """What `keep` would call `block`; writes nothing."""
        return tuple(_ref(part) for part in _parts(block, compressible=compression.pays(block)))

    def keep(self, block: memoryview) -> Block:
        """Store one large block of memory, durable when this returns. Raises StorageFull, UnusableHome."""
        compressible = compression.pays(block)
        parts = _parts(block, compressible=compressible)
        return tuple(each(lambda part: self._put([part], part if compressible else None), parts))

    def put(self, buffers: Sequence[Buffer], *, compressible: bool = True) -> BlobRef:
        """Store the concatenation of `buffers` as one blob, compressed only where that is allowed and pays.

        Raises StorageFull, UnusableHome.
        """
        whole: Buffer | None = None
        if compressible and buffers:
            whole = b"".join(buffers) if len(buffers) > 1 else buffers[0]
            whole = whole if compression.pays(memoryview(whole)) else None
        return self._put(buffers, whole)

    def matches(self, block: memoryview, known: Block) -> bool:
        """Whether `block` holds exactly what `known` names."""
        sizes = [ref.size for ref in known]
        if len(block) != sum(sizes):
            return False
        starts = [0, *accumulate(sizes)]
        parts = (block[start : start + size] for start, size in zip(starts, sizes, strict=False))
        return all(digest_all([part]) == ref.digest for part, ref in zip(parts, known, strict=True))

    def open(self, block: Block, what: str) -> memoryview:
        """The block as writable memory; mapped, and so read only where it is touched, when it was stored as it is.

        Raises CorruptBlob, which names `what`.
        """
        if len(block) == 1:
            return self._open(block[0], what)
        whole = memoryview(bytearray(sum(ref.size for ref in block)))
        starts = list(accumulate((ref.size for ref in block), initial=0))

        def fill(index: int) -> None:
            ref, start = block[index], starts[index]
            self._fill(ref, whole[start : start + ref.size], what)

        each(fill, range(len(block)))
        return whole

    def read(self, ref: BlobRef, what: str, offset: int = 0, length: int | None = None) -> memoryview:
        """A range of a blob, to be read only, verified as the whole that it is part of. Raises CorruptBlob."""
        end = None if length is None else offset + length
        digest, whole = self._last
        if digest != ref.digest:
            whole = self._open(ref, what).toreadonly()
            if ref.size <= _REMEMBERED:
                self._last = (ref.digest, whole)
        return whole[offset:end]

    def sized(self, digest: bytes, what: str) -> BlobRef:
        """The reference to a blob that was stored without compression, when only its digest is known.

        Raises CorruptBlob when it is missing.
        """
        try:
            return BlobRef(digest, self._blobs.size(to_hex(digest)))
        except KeyError:
            raise _corrupt(BlobRef(digest, 0), what, "is missing") from None

    def read_range(self, ref: BlobRef, what: str, offset: int, length: int) -> memoryview:
        """A range of a blob that was stored without compression; who asks can tell by himself whether it is right.

        Raises CorruptBlob when the blob is missing or too short.
        """
        try:
            data = self._blobs.get(to_hex(ref.digest), offset, length)
        except KeyError:
            raise _corrupt(ref, what, "is missing") from None
        if len(data) != length:
            raise _corrupt(ref, what, "is shorter than it was")
        return data

    def _put(self, buffers: Sequence[Buffer], compressible: Buffer | None) -> BlobRef:
        """Store `buffers`; `compressible` is the same as one piece when compressing pays."""
        ref = BlobRef(digest_all(buffers), sum(memoryview(buffer).nbytes for buffer in buffers))
        key = to_hex(ref.digest)
        if self._has_intact(key, ref):
            return ref
        if compressible is None:
            self._blobs.put(key, buffers)
        else:
            self._blobs.put(key + ZSTD, [compression.compress(compressible)])
        return ref

    def _has_intact(self, key: str, ref: BlobRef) -> bool:
        """Whether the blob is there, in either form. One that somebody damaged is removed, to be written anew."""
        for form in (key, key + ZSTD):
            if not self._blobs.has(form):
                continue
            if self._blobs.is_sealed(form) and (form != key or self._blobs.size(form) == ref.size):
                return True
            self._verified.discard(ref.digest)
            try:
                self._fill(ref, memoryview(bytearray(ref.size)), "")
            except CorruptBlob:
                self._blobs.delete(form)
            else:
                return True
        return False

    def _open(self, ref: BlobRef, what: str) -> memoryview:
        key = to_hex(ref.digest)
        if ref.size < _MAPPED_FROM:
            view = memoryview(bytearray(ref.size))
            self._fill(ref, view, what)
            return view
        try:
            view = self._blobs.map(key)
            trusted = ref.size >= _TRUSTED_FROM and self._blobs.is_sealed(key)
        except KeyError:
            view = memoryview(bytearray(ref.size))
            self._fill(ref, view, what)
            return view
        self._verify(ref, view, what, trusted=trusted)
        return view

    def _fill(self, ref: BlobRef, into: memoryview, what: str) -> None:
        """Read a blob of either form into memory that is there already."""
        key = to_hex(ref.digest)
        try:
            data = self._blobs.get(key)
            if len(data) == ref.size:
                into[:] = data
            self._verify(ref, data, what)
        except KeyError:
            try:
                packed = self._blobs.map(key + ZSTD)
            except KeyError:
                raise _corrupt(ref, what, "is missing") from None
            if not compression.decompress(packed, into):
                raise _corrupt(ref, what, "cannot be decompressed") from None
            self._verify(ref, into, what)

    def _verify(self, ref: BlobRef, view: memoryview, what: str, *, trusted: bool = False) -> None:
        if len(view) != ref.size:
            raise _corrupt(ref, what, f"has {len(view):,} bytes and should have {ref.size:,}")
        if ref.digest in self._verified or trusted:
            return
        if digest_all([view]) != ref.digest:
            raise _corrupt(ref, what, "does not hold what was stored")
        self._verified.add(ref.digest)


def holds(key: str, data: memoryview) -> bool:
    """Whether `data` is what a blob of this name must hold, in the form that the name says."""
    if not key.endswith(ZSTD):
        return to_hex(digest_all([data])) == key
    digest = compression.digest(data)
    return digest is not None and to_hex(digest) + ZSTD == key


def _parts(block: memoryview, *, compressible: bool) -> list[memoryview]:
    """A block is one blob, unless it is compressed and large."""
    step = _CHUNK if compressible and len(block) > _CHUNK else max(len(block), 1)
    return [block[start : start + step] for start in range(0, max(len(block), 1), step)]


def _ref(part: memoryview) -> BlobRef:
    return BlobRef(digest_all([part]), len(part))


def _corrupt(ref: BlobRef, what: str, problem: str) -> CorruptBlob:
    return CorruptBlob(what=what, digest=to_hex(ref.digest)[:16], problem=problem)
