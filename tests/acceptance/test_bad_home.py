"""A home that cannot be used, is full, is newer or is damaged: a clear word, and nothing that was whole is lost."""

import os
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from flagstone.model.errors import CorruptBlob, FlagstoneError
from tests.acceptance.household import Household
from tests.acceptance.test_bad_input import HELLO


def test_a_home_that_is_a_file_or_lies_below_one_is_refused(house: Household) -> None:
    house.write(HELLO)
    house.home.write_text("in the way")

    for home in (house.home, house.home / "deeper", Path("/proc/nothing/here")):
        house.environment["FLAGSTONE_HOME"] = str(home)
        for words in (["flow.py", "run", "--n", "1"], ["-m", "flagstone", "runs"]):
            done = house.run(*words, status=3)

            assert str(home) in done.err
            assert "FLAGSTONE_HOME" in done.err
        assert house.flagstone("doctor", status=None).status in (0, 1)

    assert house.home.read_text() == "in the way"


def test_a_home_without_permissions_is_refused(house: Household) -> None:
    if os.geteuid() == 0:
        pytest.skip("permissions do not hold for root")
    house.write(HELLO)
    house.home.mkdir(mode=0o000)

    done = house.run("flow.py", "run", "--n", 1, status=3)

    assert "Permission denied" in done.err
    house.home.chmod(0o700)


def test_a_home_of_a_newer_version_is_left_alone(house: Household) -> None:
    house.write(HELLO)
    house.run("flow.py", "run", "--n", 1)

    with closing(sqlite3.connect(house.home / "flagstone.db")) as database:
        database.execute("PRAGMA user_version = 999")
    by_database = [house.run("flow.py", "run", "--n", 1, status=3), house.flagstone("runs", status=3)]
    with closing(sqlite3.connect(house.home / "flagstone.db")) as database:
        database.execute("PRAGMA user_version = 1")
    (house.home / "FORMAT").write_text("99\n")
    by_marker = [house.run("flow.py", "run", "--n", 1, status=3), house.flagstone("runs", status=3)]
    house.flagstone("doctor", status=1)
    (house.home / "FORMAT").write_text("1\n")

    assert all("999" in done.err and "upgrade" in done.err for done in by_database)
    assert all("99" in done.err and "upgrade" in done.err for done in by_marker)
    assert house.flagstone("runs").out.count("HelloFlow/") == 1


SAVING = """
import pathlib
import numpy as np

class SavingFlow(FlowSpec):
    @step
    def start(self):
        with open("marks", "a") as marks:
            print("start", file=marks)
        self.small = list(range(100))
        self.next(self.big)

    @step
    def big(self):
        self.array = np.random.default_rng(1).random(3_000_000)
        self.next(self.end)

    @step
    def end(self):
        self.total = float(self.array.sum())
"""


@pytest.fixture
def little_room(house: Household) -> Iterator[Path]:
    """A home with ten megabytes."""
    house.home.mkdir()
    mount = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=10m,mode=0700", "none", house.home], capture_output=True, check=False
    )
    if mount.returncode:
        pytest.skip("only root can mount a small disk")
    yield house.home
    subprocess.run(["umount", "-l", house.home], check=True)


def test_a_full_disk_is_said_to_be_full_and_a_resume_goes_on_when_there_is_room(
    house: Household, little_room: Path
) -> None:
    house.write(SAVING)

    full = house.run("flow.py", "run", status=1)
    house.assert_whole()
    subprocess.run(["mount", "-o", "remount,size=100m", little_room], check=True)
    house.run("flow.py", "resume")

    assert "no space left" in full.err
    assert "make room" in full.err.lower()
    assert house.lines() == ["start"]
    assert house.latest("SavingFlow").successful
    house.assert_whole()


def fill(path: Path) -> None:
    """Write a file until the disk is full. Raises OSError."""
    with path.open("wb", buffering=0) as filler:
        while True:
            filler.write(b"x" * 4096)


def test_a_disk_without_room_for_the_records_ends_the_run_with_a_clear_word(
    house: Household, little_room: Path
) -> None:
    house.write(HELLO)
    house.run("flow.py", "run", "--n", 1)
    with pytest.raises(OSError, match="space"):
        fill(little_room / "filler")

    full = house.run("flow.py", "run", "--n", 1, status=None)
    (little_room / "filler").unlink()
    after = house.flagstone("doctor")

    assert full.status not in (0, 70), full.text
    assert "space" in full.err
    assert "Traceback" not in full.text
    assert "problem" not in after.out
    house.run("flow.py", "run", "--n", 2)


def test_a_damaged_blob_is_named_by_every_reader_and_by_the_doctor(house: Household) -> None:
    house.write(SAVING.replace("3_000_000", "300_000"))
    house.run("flow.py", "run")
    (blob,) = (path for path in (house.home / "blobs").rglob("*") if path.is_file() and path.stat().st_size > 1_000_000)
    blob.chmod(0o600)
    with blob.open("r+b") as file:
        file.truncate(1_000_000)

    with pytest.raises(CorruptBlob, match="array"):
        _ = house.latest("SavingFlow")["big"].task["array"].data
    failed = house.run("flow.py", "resume", "end", status=1)
    doctor = house.flagstone("doctor", status=1)

    assert "array" in failed.err
    assert "blob" in failed.err
    assert "SavingFlow/1/big/2/array" in doctor.out
    house.flagstone("runs")
    house.flagstone("show", "SavingFlow/1/big/2")


def test_a_damaged_record_is_told_and_takes_nothing_else_along(house: Household) -> None:
    house.write(SAVING.replace("3_000_000", "30"))
    house.run("flow.py", "run")
    house.run("flow.py", "run")
    with closing(sqlite3.connect(house.home / "flagstone.db")) as database:
        database.execute("UPDATE manifests SET body = x'00ff00' WHERE id = (SELECT max(id) FROM manifests)")
        database.commit()

    with pytest.raises(FlagstoneError):
        _ = house.latest("SavingFlow")["end"].task["total"].data
    house.flagstone("runs")
    doctor = house.flagstone("doctor", status=1)

    assert "SavingFlow/" in doctor.out
    assert "cannot be read" in doctor.out
    assert "cannot be read" in house.flagstone("dump", "SavingFlow/2/end", status=3).err
