"""`doctor` finds what is wrong with a home, changes nothing, and runs nobody's code."""

import json
import os
import shutil
import sqlite3
import time
from pathlib import Path

import pytest

from tests.unit.cli.person import Person, Said


@pytest.fixture
def patient(teller: Person, tmp_path: Path) -> Person:
    """Somebody with a copy of the teller's home."""
    patient = Person(tmp_path)
    shutil.copytree(teller.home, patient.home)
    return patient


def findings(said: Said) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for finding in json.loads(said.out):
        found.setdefault(finding["level"], []).append(finding["check"])
    return found


def blobs(person: Person) -> list[Path]:
    return sorted(path for path in (person.home / "blobs").rglob("*") if path.is_file())


def test_a_healthy_home_is_all_well(patient: Person) -> None:
    said = patient.flagstone("doctor")

    assert said.status == 0
    assert "2 runs recorded, the database is whole" in said.out
    assert "are there and whole" in said.out
    assert "problem" not in said.out


def test_no_home_is_no_problem_and_none_is_made(person: Person) -> None:
    said = person.flagstone("doctor")

    assert said.status == 0
    assert "the first run creates it" in said.out
    assert not person.home.exists()


def test_a_damaged_blob_is_found_with_what_it_belongs_to(patient: Person) -> None:
    blob = blobs(patient)[0]
    data = bytearray(blob.read_bytes())
    data[len(data) // 2] ^= 1
    blob.chmod(0o600)
    blob.write_bytes(data)

    said = patient.flagstone("doctor")

    assert said.status == 1
    assert "TaleFlow/1/start/1/" in said.out
    assert findings(patient.flagstone("doctor", "--json"))["problem"] == ["artifacts"]


def test_a_missing_blob_is_found(patient: Person) -> None:
    blobs(patient)[0].unlink()

    said = patient.flagstone("doctor")

    assert said.status == 1
    assert "is missing" in said.out


def test_a_damaged_database_is_found(patient: Person) -> None:
    database = patient.home / "flagstone.db"
    with sqlite3.connect(database) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    connection.close()
    data = bytearray(database.read_bytes())
    data[4096:] = b"\x5a" * (len(data) - 4096)
    database.write_bytes(data)

    said = patient.flagstone("doctor")

    assert said.status == 1
    assert "Traceback" not in said.err
    assert "records" in findings(patient.flagstone("doctor", "--json"))["problem"]


def test_a_home_of_a_newer_version_is_named_as_such(patient: Person) -> None:
    (patient.home / "FORMAT").write_text("99\n")

    said = patient.flagstone("doctor")

    assert said.status == 1
    assert "has format 99" in said.out


def test_what_was_left_behind_is_pointed_at(patient: Person) -> None:
    left = patient.home / "tmp" / "left.tmp"
    left.write_bytes(b"x")
    long_ago = time.time() - 90_000
    os.utime(left, (long_ago, long_ago))
    patient.home.chmod(0o755)

    said = patient.flagstone("doctor")

    assert said.status == 0
    assert "left.tmp" in said.out
    assert "others than you can enter" in said.out
    assert left.exists()


def test_a_run_that_vanished_is_pointed_at(patient: Person) -> None:
    with sqlite3.connect(patient.home / "flagstone.db") as connection:
        connection.execute("UPDATE runs SET state = 'running', finished = NULL WHERE number = 2")
    connection.close()

    said = patient.flagstone("doctor")

    assert said.status == 0
    assert "1 run vanished without a word: TaleFlow/2" in said.out
