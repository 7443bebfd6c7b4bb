"""What is stored stays as it is, whatever one does with it."""

import hashlib
from pathlib import Path

from tests.acceptance.household import Household
from tests.reliability.flows import CRASH_FLOW


def content(home: Path) -> dict[str, str]:
    """Every blob and its digest."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (home / "blobs").glob("*/*")}


def test_no_verb_changes_what_is_stored(tmp_path: Path) -> None:
    house = Household(tmp_path)
    house.environment["MARKS"] = str(tmp_path / "marks")
    (house.work / "flow.py").write_text(CRASH_FLOW)
    house.run("flow.py", "run")
    before = content(house.home)
    assert len(before) > 4

    house.run("flow.py", "resume", "work")
    house.run("flow.py", "spin", "gather")
    house.flagstone("runs")
    house.flagstone("show", "CrashFlow/1")
    house.flagstone("dump", "CrashFlow/1/gather")
    house.flagstone("logs", "CrashFlow/1/work")
    house.flagstone("tag", "add", "CrashFlow/1", "seen")
    house.flagstone("logs", "scrub", "CrashFlow/1/work", "--pattern", "at", "--yes", status=None)
    house.flagstone("doctor")

    after = content(house.home)
    assert {name: after.get(name) for name in before} == before
    house.close()
