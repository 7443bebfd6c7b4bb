"""The kernel knows which private mappings were written to."""

import mmap
import os
import sys
from pathlib import Path

import pytest

from flagstone.store.mappings import address, clean

SIZE = 3 << 20

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")


@pytest.fixture
def view(tmp_path: Path) -> memoryview:
    (tmp_path / "blob").write_bytes(os.urandom(SIZE))
    with (tmp_path / "blob").open("rb") as file:
        return memoryview(mmap.mmap(file.fileno(), SIZE, access=mmap.ACCESS_COPY))


def start_of(view: memoryview) -> int:
    start = address(view)
    assert start is not None
    return start


def test_a_mapping_that_was_read_is_clean(view: memoryview) -> None:
    assert len(bytes(view)) == SIZE

    assert clean([(start_of(view), SIZE)]) == {start_of(view)}


@pytest.mark.parametrize("place", [0, SIZE // 2, SIZE - 1])
def test_one_written_byte_makes_it_dirty(view: memoryview, place: int) -> None:
    view[place] = 1

    assert clean([(start_of(view), SIZE)]) == set()


def test_a_write_before_a_fork_is_seen_after_it(view: memoryview) -> None:
    view[5] = 1
    child = os.fork()
    if child == 0:
        os._exit(1 if clean([(start_of(view), SIZE)]) else 0)

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_memory_that_is_no_mapping_of_a_file_is_not_clean() -> None:
    view = memoryview(bytearray(b"x" * SIZE))

    assert clean([(start_of(view), SIZE), (0, 4096)]) == set()


def test_read_only_and_empty_memory_has_no_address() -> None:
    assert address(memoryview(b"x")) is None
    assert address(memoryview(bytearray())) is None
