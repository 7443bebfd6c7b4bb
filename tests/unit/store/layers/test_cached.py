"""A cache of blobs: fetched once, right or not there, bounded, and in nobody's way."""

import threading
from pathlib import Path

import pytest

from flagstone.kit.digest import digest_all, to_hex
from flagstone.model.errors import StoreUnavailable
from flagstone.ports.blob_store import BlobStore
from flagstone.store import compression
from flagstone.store.backends.memory import MemoryBlobStore
from flagstone.store.content import holds
from flagstone.store.layers.cached import CachedBlobStore

MIB = 1 << 20


class Counted(MemoryBlobStore):
    """Counts what is read."""

    def __init__(self) -> None:
        super().__init__()
        self.read = 0

    def get(self, key: str, offset: int = 0, length: int | None = None) -> memoryview:
        found = super().get(key, offset, length)
        self.read += len(found)
        return found


def put(store: BlobStore, data: bytes) -> str:
    """Store `data` under its own name."""
    key = to_hex(digest_all([data]))
    store.put(key, [data])
    return key


def files(folder: Path) -> int:
    return sum(path.is_file() for path in (folder / "blobs").rglob("*"))


def cached(far: BlobStore, folder: Path, limit: int = 1 << 30) -> CachedBlobStore:
    return CachedBlobStore(far, folder, limit=limit, intact=holds)


@pytest.mark.parametrize("size", [0, 9, MIB - 1, MIB, MIB + 1, 40 * MIB])
def test_what_was_read_once_is_not_asked_for_again(tmp_path: Path, size: int) -> None:
    far = Counted()
    data = bytes(range(251)) * (size // 251 + 1)
    key = put(far, data[:size])

    for _ in range(3):
        assert bytes(cached(far, tmp_path).get(key)) == data[:size]
        assert bytes(cached(far, tmp_path).map(key)) == data[:size]

    assert far.read <= size + MIB  # the first mebibyte of a larger one tells that it is larger


def test_many_readers_at_once_fetch_a_large_blob_once(tmp_path: Path) -> None:
    far = Counted()
    data = b"abcdefg" * (3 * MIB)
    key = put(far, data)
    found: list[bool] = []
    threads = [
        threading.Thread(target=lambda: found.append(bytes(cached(far, tmp_path).map(key)) == data)) for _ in range(6)
    ]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == [True] * 6
    assert far.read <= len(data) + 6 * MIB


@pytest.mark.parametrize("size", [1000, 3 * MIB])
def test_a_damaged_blob_is_not_kept(tmp_path: Path, size: int) -> None:
    far = MemoryBlobStore()
    key = "ab" * 32
    far.put(key, [b"x" * size])

    assert bytes(cached(far, tmp_path).map(key)) == b"x" * size

    assert files(tmp_path) == 0


@pytest.mark.parametrize("size", [1000, 3 * MIB])
def test_compressed_blobs_are_verified_too(tmp_path: Path, size: int) -> None:
    far = MemoryBlobStore()
    data = b"".join(to_hex(digest_all([bytes([i % 256, i // 256 % 256])])).encode() for i in range(size // 16))
    good, bad = to_hex(digest_all([data])) + ".zst", "ab" * 32 + ".zst"
    far.put(good, [compression.compress(data)])
    far.put(bad, [compression.compress(data)])
    far.put("cd" * 32 + ".zst", [b"no frame"])

    for key in (good, bad, "cd" * 32 + ".zst"):
        cached(far, tmp_path).get(key)

    assert [path.name for path in (tmp_path / "blobs").rglob("*") if path.is_file()] == [good]


def test_a_copy_that_somebody_wrote_to_is_fetched_again(tmp_path: Path) -> None:
    far = MemoryBlobStore()
    key = put(far, b"0123456789")
    cached(far, tmp_path).get(key)
    (copy,) = (path for path in (tmp_path / "blobs").rglob("*") if path.is_file())
    copy.chmod(0o600)
    copy.write_bytes(b"changed")

    assert bytes(cached(far, tmp_path).get(key)) == b"0123456789"


def test_it_stays_within_its_limit_and_what_is_mapped_stays_readable(tmp_path: Path) -> None:
    far = MemoryBlobStore()
    store = cached(far, tmp_path, limit=16 * MIB)
    keys = [put(far, bytes([i]) * (3 * MIB)) for i in range(12)]

    maps = [store.map(key) for key in keys]

    held = sum(path.stat().st_size for path in (tmp_path / "blobs").rglob("*") if path.is_file())
    assert 0 < held <= 16 * MIB
    assert all(bytes(found) == bytes([i]) * (3 * MIB) for i, found in enumerate(maps))


def test_a_blob_that_is_too_large_is_read_without_a_copy(tmp_path: Path) -> None:
    far = MemoryBlobStore()
    store = cached(far, tmp_path, limit=4 * MIB)
    key = put(store, b"y" * (3 * MIB))

    assert bytes(store.map(key)) == bytes(store.get(key)) == b"y" * (3 * MIB)

    assert files(tmp_path) == 0


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where a folder should be")
    store = cached(MemoryBlobStore(), tmp_path / "cache")

    small, large = put(store, b"small"), put(store, b"l" * (3 * MIB))

    assert bytes(store.get(small)) == b"small"
    assert bytes(store.map(large)) == b"l" * (3 * MIB)


def test_a_put_that_fails_leaves_no_copy(tmp_path: Path) -> None:
    class Away(MemoryBlobStore):
        def put(self, key: str, buffers: object) -> None:
            raise StoreUnavailable(store="s3://x", problem="it is away")

    store = cached(Away(), tmp_path)

    with pytest.raises(StoreUnavailable):
        put(store, b"12345")

    assert files(tmp_path) == 0


def test_a_copy_is_no_proof_that_the_store_has_it(tmp_path: Path) -> None:
    far = MemoryBlobStore()
    store = cached(far, tmp_path)
    key = put(store, b"12345")

    far.delete(key)

    assert not store.has(key)
    assert list(store.keys()) == []
