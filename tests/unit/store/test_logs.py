"""A task's output is a range of bytes in a file of its slot."""

import re
from pathlib import Path

import pytest

from flagstone.model.errors import UnusableHome
from flagstone.model.ids import RunId
from flagstone.model.jobs import LogSpan
from flagstone.store.logs import DirectoryLogStore
from flagstone.store.scrubs import everything, matching

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


# --- scrubbing -------------------------------------------------------------------------------------------------


def test_a_scrub_masks_one_attempt_and_keeps_its_lines(store: DirectoryLogStore, tmp_path: Path) -> None:
    file = tmp_path / "Flow" / "7" / "0.out"
    file.write_bytes(b"before\nkey=abc\r\n\xc3\xa9t\xff\nafter\n")
    span = LogSpan("0.out", "0.err", 7, 0, 20, 0)

    changed = store.scrub(RUN, span, "stdout", everything, user="ann")

    assert file.read_bytes() == b"before\n*******\r\n****\nafter\n"
    assert changed == 11
    note = store.scrubbed(RUN, span, "stdout")
    assert note is not None
    assert (note.user, note.matches) == ("ann", False)


def test_a_scrub_is_known_of_the_attempts_that_it_touched_only(store: DirectoryLogStore) -> None:
    before, inside = LogSpan("0.out", "0.err", 0, 0, 7, 0), LogSpan("0.out", "0.err", 7, 0, 18, 7)
    running = LogSpan("0.out", "0.err", 18, 0)

    store.scrub(RUN, inside, "stdout", everything, user="ann")

    assert store.scrubbed(RUN, inside, "stdout") is not None
    assert store.scrubbed(RUN, before, "stdout") is None
    assert store.scrubbed(RUN, running, "stdout") is None
    assert store.scrubbed(RUN, inside, "stderr") is None


def test_only_matches_are_masked_and_no_line_changes_its_length(store: DirectoryLogStore, tmp_path: Path) -> None:
    file = tmp_path / "Flow" / "7" / "0.out"
    file.write_bytes("token=Größe1 ok\nnothing\ntoken=x\n".encode())
    span = LogSpan("0.out", "0.err", 0, 0, 100, 0)
    size = file.stat().st_size

    store.scrub(RUN, span, "stdout", matching(re.compile(r"token=\S+")), user="ann", matches=True)

    assert file.read_bytes().decode() == f"{'*' * 14} ok\nnothing\n*******\n"
    assert file.stat().st_size == size


def test_what_matches_nothing_leaves_no_note(store: DirectoryLogStore) -> None:
    span = LogSpan("0.out", "0.err", 0, 0, 24, 7)

    assert store.scrub(RUN, span, "stdout", matching(re.compile("nowhere")), user="ann", matches=True) == 0
    assert store.scrubbed(RUN, span, "stdout") is None


def test_large_output_is_masked_piece_by_piece(store: DirectoryLogStore, tmp_path: Path) -> None:
    file = tmp_path / "Flow" / "7" / "0.out"
    line = b"x" * 70_000 + b"secret\n"
    file.write_bytes(line * 40 + b"secret")
    span = LogSpan("0.out", "0.err", 0, 0)

    store.scrub(RUN, span, "stdout", matching(re.compile("secret")), user="ann", matches=True)

    data = file.read_bytes()
    assert len(data) == len(line) * 40 + 6
    assert b"secret" not in data
    assert data.count(b"\n") == 40


def test_what_was_never_printed_needs_no_scrub(store: DirectoryLogStore) -> None:
    span = LogSpan("9.out", "9.err", 0, 0)

    assert store.scrub(RUN, span, "stdout", everything, user="ann") == 0
    assert store.scrubbed(RUN, span, "stdout") is None


def test_output_that_cannot_be_overwritten_says_so(tmp_path: Path) -> None:
    (tmp_path / "Flow" / "7" / "0.out").mkdir(parents=True)
    (tmp_path / "Flow" / "7" / "0.out" / "x").touch()

    with pytest.raises(UnusableHome, match=r"0\.out"):
        DirectoryLogStore(tmp_path).scrub(RUN, LogSpan("0.out", "0.err", 0, 0), "stdout", everything, user="ann")


def test_a_torn_note_is_passed_over(store: DirectoryLogStore, tmp_path: Path) -> None:
    span = LogSpan("0.out", "0.err", 0, 0, 24, 7)
    store.scrub(RUN, span, "stdout", everything, user="ann")
    with (tmp_path / "Flow" / "7" / "scrubbed.jsonl").open("ab") as file:
        file.write(b'{"file": "0.o')

    assert store.scrubbed(RUN, span, "stdout") is not None
