"""What went wrong once under faults, each by its symptom."""

from collections import Counter
from pathlib import Path

import pytest

from flagstone.testing.faults import Fault, command
from tests.acceptance.household import Household
from tests.reliability.flows import CRASH_FLOW


@pytest.fixture
def disturbed(house: Household, tmp_path: Path) -> Household:
    """A home with the flow that is disturbed."""
    house.environment["MARKS"] = str(tmp_path / "marks")
    (house.work / "flow.py").write_text(CRASH_FLOW)
    return house


def test_an_attempt_that_had_begun_when_the_zygote_died_is_not_made_a_second_time(
    disturbed: Household, tmp_path: Path
) -> None:
    """Its birth was not told yet, so it was taken for one that had not begun, and its step ran twice."""
    fault = Fault(do="kill", role="task", kind="write", where="marks", victim="zygote", when="after")

    disturbed.run(*command(fault, log=tmp_path / "log")[1:], "flow.py", "run", status=None)
    disturbed.run("flow.py", "resume", status=None)

    marks = (tmp_path / "marks").read_text().splitlines()
    assert [mark for mark, count in Counter(marks).items() if count > 1] == []
    assert disturbed.latest("CrashFlow").successful
