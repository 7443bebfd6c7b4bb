"""A task's output is a range of bytes in a file of its slot."""

from pathlib import Path

import pytest

from flagstone.model.errors import UnusableHome
from flagstone.model.ids import RunId
from flagstone.model.jobs import LogSpan
from flagstone.store.logs import DirectoryLogStore

RUN = RunId("Flow", 7)


@pytest.fixture
def store(tmp_path: Path) -> DirectoryLogStore:
    folder = tmp_path / "Flow" / "7"
    folder.mkdir(parents=True)
    (folder / "0.out").write_bytes(b"before|hello world|after")
    (folder / "0.err").write_bytes(b"warning")
    return DirectoryLogStore(tmp_path)


def test_an_attempt_that_is_over_has_its_range(store: DirectoryLogStore) -> None:
    span = LogSpan("0.out", "0.err", 7, 0, 18, 4)

    assert store.read(RUN, span, "stdout") == b"hello world"
    assert store.read(RUN, span, "stdout", 6) == b"world"
    assert store.read(RUN, span, "stdout", 6, 2) == b"wo"
    assert store.read(RUN, span, "stdout", 6, 200) == b"world"
    assert store.read(RUN, span, "stdout", 60) == b""
    assert store.read(RUN, span, "stderr") == b"warn"
    assert (store.size(RUN, span, "stdout"), store.size(RUN, span, "stderr")) == (11, 4)


def test_an_attempt_that_still_writes_has_all_there_is(store: DirectoryLogStore) -> None:
    span = LogSpan("0.out", "0.err", 7, 0)

    assert store.read(RUN, span, "stdout") == b"hello world|after"
    assert store.read(RUN, span, "stdout", 12, 3) == b"aft"
    assert store.size(RUN, span, "stdout") == 17


def test_a_file_that_is_not_there_yet_is_empty(store: DirectoryLogStore) -> None:
    span = LogSpan("9.out", "9.err", 0, 0)

    assert store.read(RUN, span, "stdout") == b""
    assert store.size(RUN, span, "stderr") == 0


def test_a_range_that_the_file_never_reached_is_cut(store: DirectoryLogStore) -> None:
    span = LogSpan("0.out", "0.err", 7, 100, 900, 900)

    assert store.read(RUN, span, "stdout") == b"hello world|after"
    assert store.size(RUN, span, "stdout") == 17
    assert store.size(RUN, span, "stderr") == 0


def test_a_log_that_cannot_be_read_says_so(store: DirectoryLogStore, tmp_path: Path) -> None:
    (tmp_path / "Flow" / "7" / "1.out").mkdir()

    with pytest.raises(UnusableHome, match=r"1\.out"):
        store.read(RUN, LogSpan("1.out", "1.err", 0, 0), "stdout")
