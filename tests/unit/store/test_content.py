"""Memory to blobs and back: one copy of everything, small where it can be, and never silently wrong."""

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flagstone.kit.digest import to_hex
from flagstone.model.artifacts import BlobRef
from flagstone.model.errors import CorruptBlob
from flagstone.store import content as content_module
from flagstone.store.backends.directory import SEAL, DirectoryBlobStore
from flagstone.store.backends.memory import MemoryBlobStore
from flagstone.store.content import ZSTD, Content


@pytest.fixture
def blobs(tmp_path: Path) -> DirectoryBlobStore:
    return DirectoryBlobStore(tmp_path / "blobs", tmp_path / "tmp")


def path_of(tmp_path: Path, ref: BlobRef, suffix: str = "") -> Path:
    key = to_hex(ref.digest) + suffix
    return tmp_path / "blobs" / key[:2] / key


def overwrite(path: Path, data: bytes, *, at: int = 0) -> None:
    path.chmod(0o600)
    with path.open("r+b") as file:
        file.seek(at)
        file.write(data)


def test_noise_is_stored_raw_and_mapped(blobs: DirectoryBlobStore) -> None:
    noise = os.urandom(3 << 20)

    block = Content(blobs).keep(memoryview(noise))

    assert list(blobs.keys()) == [to_hex(block[0].digest)]
    opened = Content(blobs).open(block, "x")
    assert bytes(opened) == noise
    assert not opened.readonly


def test_what_shrinks_is_compressed(blobs: DirectoryBlobStore) -> None:
    text = b"the same again and again. " * 10_000

    block = Content(blobs).keep(memoryview(text))

    key = to_hex(block[0].digest) + ZSTD
    assert list(blobs.keys()) == [key]
    assert blobs.size(key) < len(text) / 50
    opened = Content(blobs).open(block, "x")
    assert bytes(opened) == text
    assert not opened.readonly


def test_a_large_compressible_block_is_compressed_in_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content_module, "_CHUNK", 1 << 20)
    content = Content(MemoryBlobStore())
    text = b"".join(b"line %d\n" % number for number in range(400_000))

    block = content.keep(memoryview(text))

    assert len(block) == -(-len(text) // (1 << 20))
    assert content.name(memoryview(text)) == block
    assert content.matches(memoryview(text), block)
    assert not content.matches(memoryview(text[:-1] + b"!"), block)
    assert bytes(content.open(block, "x")) == text


def test_the_same_memory_is_stored_once(blobs: DirectoryBlobStore) -> None:
    noise = os.urandom(100_000)

    first = Content(blobs).keep(memoryview(noise))
    second = Content(blobs).keep(memoryview(bytearray(noise)))

    assert first == second
    assert len(list(blobs.keys())) == 1


@given(st.binary(max_size=3000), st.integers(1, 40))
@settings(max_examples=50)
def test_any_bytes_come_back(piece: bytes, times: int) -> None:
    content = Content(MemoryBlobStore())
    data = piece * times

    ref = content.put([data[:10], data[10:]])

    assert ref.size == len(data)
    assert bytes(content.read(ref, "x")) == data
    assert bytes(content.read(ref, "x", 5, 20)) == data[5:25]
    assert bytes(content.open(content.keep(memoryview(data)), "x")) == data


def test_a_changed_byte_is_found(blobs: DirectoryBlobStore, tmp_path: Path) -> None:
    block = Content(blobs).keep(memoryview(os.urandom(100_000)))
    overwrite(path_of(tmp_path, block[0]), b"!!!!", at=50_000)

    with pytest.raises(CorruptBlob, match=r"model: blob [0-9a-f]{16} does not hold what was stored"):
        Content(blobs).open(block, "model")


def test_a_small_blob_is_verified_even_under_its_seal(blobs: DirectoryBlobStore, tmp_path: Path) -> None:
    ref = Content(blobs).put([os.urandom(100_000)])
    path = path_of(tmp_path, ref)
    overwrite(path, b"!!!!")
    os.utime(path, ns=(SEAL, SEAL))

    with pytest.raises(CorruptBlob):
        Content(blobs).read(ref, "model")


def test_a_large_sealed_blob_is_trusted_and_an_unsealed_one_is_not(
    blobs: DirectoryBlobStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(content_module, "_TRUSTED_FROM", 2 << 20)
    block = Content(blobs).keep(memoryview(os.urandom(3 << 20)))
    path = path_of(tmp_path, block[0])

    overwrite(path, b"!!!!")
    with pytest.raises(CorruptBlob):
        Content(blobs).open(block, "model")

    os.utime(path, ns=(SEAL, SEAL))
    assert bytes(Content(blobs).open(block, "model")[:4]) == b"!!!!"


@pytest.mark.parametrize("size", [100_000, 3 << 20])
def test_a_truncated_blob_is_found(blobs: DirectoryBlobStore, tmp_path: Path, size: int) -> None:
    block = Content(blobs).keep(memoryview(os.urandom(size)))
    path = path_of(tmp_path, block[0])
    path.chmod(0o600)
    os.truncate(path, size - 1)

    with pytest.raises(CorruptBlob, match="should have"):
        Content(blobs).open(block, "model")


def test_a_damaged_compressed_blob_is_found(blobs: DirectoryBlobStore, tmp_path: Path) -> None:
    block = Content(blobs).keep(memoryview(b"again and again " * 10_000))
    path = path_of(tmp_path, block[0], ZSTD)
    overwrite(path, b"\0" * 20, at=2)

    with pytest.raises(CorruptBlob):
        Content(blobs).open(block, "model")


def test_a_missing_blob_is_named(blobs: DirectoryBlobStore) -> None:
    with pytest.raises(CorruptBlob, match=r"model: blob 0707070707070707 is missing"):
        Content(blobs).open((BlobRef(b"\7" * 32, 100),), "model")
    with pytest.raises(CorruptBlob, match="is missing"):
        Content(blobs).read_range(BlobRef(b"\7" * 32, 100), "model", 0, 10)


def test_a_damaged_blob_is_replaced_when_its_content_is_stored_again(blobs: DirectoryBlobStore, tmp_path: Path) -> None:
    noise = os.urandom(100_000)
    block = Content(blobs).keep(memoryview(noise))
    overwrite(path_of(tmp_path, block[0]), b"!!!!")

    Content(blobs).keep(memoryview(noise))

    assert bytes(Content(blobs).open(block, "model")) == noise


def test_what_is_read_from_a_pack_cannot_be_written(blobs: DirectoryBlobStore) -> None:
    ref = Content(blobs).put([b"abc", b"def"])

    assert Content(blobs).read(ref, "x", 3, 3).readonly
