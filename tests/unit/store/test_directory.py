"""Blobs in a directory: durable, sealed, whole or not there, whatever happens around them."""

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from flagstone.model.errors import StorageFull, UnusableHome
from flagstone.store.backends import directory, writing
from flagstone.store.backends.directory import DirectoryBlobStore

KEY = "ab" + "0" * 62


@pytest.fixture
def store(tmp_path: Path) -> DirectoryBlobStore:
    return DirectoryBlobStore(tmp_path / "blobs", tmp_path / "tmp")


def test_a_blob_is_a_private_read_only_file_below_its_prefix(store: DirectoryBlobStore, tmp_path: Path) -> None:
    store.put(KEY, [b"data"])

    path = tmp_path / "blobs" / "ab" / KEY
    assert path.read_bytes() == b"data"
    assert path.stat().st_mode & 0o777 == 0o400
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert os.listdir(tmp_path / "tmp") == []


def test_a_blob_that_somebody_wrote_to_is_no_longer_sealed(store: DirectoryBlobStore, tmp_path: Path) -> None:
    store.put(KEY, [b"data"])
    path = tmp_path / "blobs" / "ab" / KEY
    path.chmod(0o600)

    with path.open("r+b") as file:
        file.write(b"D")

    assert not store.is_sealed(KEY)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_storage_full_and_leaves_nothing(
    store: DirectoryBlobStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def write_some(path: Path, buffers: Sequence[Any], **_: int) -> None:
        path.write_bytes(buffers[0][:2])
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(directory, "write_file", write_some)

    with pytest.raises(StorageFull, match="no space left while writing 4 B"):
        store.put(KEY, [b"data"])

    assert not store.has(KEY)
    assert os.listdir(tmp_path / "tmp") == []


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can mount a small file system")
@pytest.mark.parametrize("size", [600_000, 20 << 20])
def test_a_file_system_that_is_really_full_leaves_nothing(tmp_path: Path, size: int) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=512k", "none", small], check=False)
    if mounted.returncode != 0:
        pytest.skip("no mounts here")
    try:
        store = DirectoryBlobStore(small / "blobs", small / "tmp")

        with pytest.raises(StorageFull):
            store.put(KEY, [bytes(size)])

        assert not store.has(KEY)
        assert os.listdir(small / "tmp") == []
        store.put(KEY, [b"small"])
        assert bytes(store.get(KEY)) == b"small"
    finally:
        subprocess.run(["umount", small], check=True)


def test_a_home_that_cannot_be_written_is_unusable(tmp_path: Path) -> None:
    (tmp_path / "blobs").write_text("a file, where a directory should be")
    store = DirectoryBlobStore(tmp_path / "blobs", tmp_path / "tmp")

    with pytest.raises(UnusableHome, match="blobs"):
        store.put(KEY, [b"data"])


def test_an_interrupt_while_writing_leaves_nothing(
    store: DirectoryBlobStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fchmod", interrupt)

    with pytest.raises(KeyboardInterrupt):
        store.put(KEY, [b"data"])

    monkeypatch.undo()
    assert not store.has(KEY)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


AROUND = 1 << 40  # so much that no memory is ample


@pytest.mark.parametrize("ample", [writing.AMPLE, AROUND])
@pytest.mark.parametrize("size", [0, 1, 4096, writing.LARGE, writing.LARGE + 4097])
def test_files_are_right_at_every_boundary_through_the_page_cache_and_around_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int, ample: int
) -> None:
    monkeypatch.setattr(writing, "AMPLE", ample)
    content = (os.urandom(4099) * (size // 4099 + 1))[:size]
    path = tmp_path / "file"

    writing.write_file(path, [content[:100], content[100:]], mode=0o400, modified=directory.SEAL)

    assert path.read_bytes() == content
    assert path.stat().st_mtime_ns == directory.SEAL


@pytest.mark.parametrize("ample", [writing.AMPLE, AROUND])
@pytest.mark.parametrize("refusing", ["open", "posix_fallocate", "pwrite"])
def test_a_file_system_without_such_writes_is_written_plainly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refusing: str, ample: int
) -> None:
    monkeypatch.setattr(writing, "AMPLE", ample)
    original: Callable[..., Any] = getattr(os, refusing)

    def refuse(*args: Any) -> Any:
        if refusing == "open" and not args[1] & getattr(os, "O_DIRECT", 0):
            return original(*args)
        raise OSError(errno.EINVAL, "direct writes are refused")

    monkeypatch.setattr(os, refusing, refuse)
    content = os.urandom(writing.LARGE + 5)

    writing.write_file(tmp_path / "file", [content], mode=0o400, modified=directory.SEAL)

    assert (tmp_path / "file").read_bytes() == content


def test_a_short_write_is_carried_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    original = os.pwrite
    monkeypatch.setattr(os, "pwrite", lambda fd, data, offset: original(fd, data[: 64 << 10], offset))
    content = os.urandom(writing.LARGE + 5)

    writing.write_file(tmp_path / "file", [content], mode=0o400, modified=directory.SEAL)

    assert (tmp_path / "file").read_bytes() == content


WRITER = """
import sys
from pathlib import Path
from flagstone.store.backends.directory import DirectoryBlobStore
store = DirectoryBlobStore(Path(sys.argv[1]) / "blobs", Path(sys.argv[1]) / "tmp")
sys.stdin.readline()
for number in range(20):
    store.put(f"ab{number:062x}", [bytes([number]) * 300_000])
"""


def test_two_processes_that_write_the_same_blobs_both_succeed(store: DirectoryBlobStore, tmp_path: Path) -> None:
    command = [sys.executable, "-c", WRITER, str(tmp_path)]
    writers = [subprocess.Popen(command, stdin=subprocess.PIPE) for _ in range(2)]

    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write(b"\n")
        writer.stdin.close()

    assert [writer.wait(30) for writer in writers] == [0, 0]
    assert len(list(store.keys())) == 20
    for number in range(20):
        assert bytes(store.get(f"ab{number:062x}")) == bytes([number]) * 300_000
    assert os.listdir(tmp_path / "tmp") == []


def test_a_writer_that_is_killed_leaves_no_blob(store: DirectoryBlobStore, tmp_path: Path) -> None:
    script = WRITER.replace("sys.stdin.readline()", "import os\nos.replace = lambda *_: os.kill(os.getpid(), 9)")

    ended = subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False)

    assert ended.returncode == -9
    assert list(store.keys()) == []
    assert len(os.listdir(tmp_path / "tmp")) == 1


def test_keys_of_a_store_that_was_never_written_are_none(tmp_path: Path) -> None:
    assert list(DirectoryBlobStore(tmp_path / "blobs", tmp_path / "tmp").keys()) == []
    shutil.rmtree(tmp_path)
