"""How long a step may take and how often it is tried: what is counted, and what is not."""

import pytest

from flagstone.engine.trying import LATE, Trying
from flagstone.kit import clock
from flagstone.model.attempts import Retry, Timeout
from flagstone.model.errors import Location
from flagstone.model.jobs import Failure
from flagstone.model.plan import Plan, Step, Transition

WORK = Step(
    "work",
    Transition.END,
    (),
    joins=False,
    where=Location("/flows/f.py", 3),
    declarations=(Timeout(seconds=10), Retry(times=2, minutes_between_retries=0)),
)
PLAN = Plan(flow="F", file="/flows/f.py", start="work", end="work", steps=(WORK,), matching_split={})


class Hands:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def hands(monkeypatch: pytest.MonkeyPatch) -> Hands:
    found = Hands()
    monkeypatch.setattr(clock, "monotonic", found)
    return found


def test_an_attempt_is_overdue_a_little_after_its_limit_and_is_named_once(hands: Hands) -> None:
    trying = Trying(PLAN)
    trying.begun(1, "work")

    hands.now = 10 + LATE - 0.1
    assert trying.overdue() == []

    hands.now = 10 + LATE
    assert [number for number, _ in trying.overdue()] == [1]
    assert trying.overdue() == []


def test_the_time_at_a_prompt_does_not_count(hands: Hands) -> None:
    trying = Trying(PLAN)
    trying.begun(1, "work")
    trying.begun(2, "work")

    hands.now = 100
    assert [number for number, _ in trying.overdue(frozenset({1}))] == [2], "1 is at the prompt, 2 has no excuse"

    trying.extend(1, 95)
    assert trying.overdue() == []
    hands.now = 10 + LATE + 95
    assert [number for number, _ in trying.overdue()] == [1]


def test_what_a_person_ended_is_not_tried_again(hands: Hands) -> None:
    trying = Trying(PLAN)
    by_hand = Failure("x", "", "", kinds=("flagstone.model.errors.StoppedByPerson", "builtins.Exception"))
    by_itself = Failure("x", "", "", kinds=("builtins.ValueError", "builtins.Exception"))

    assert not trying.again(1, "work", 0, by_hand, vanished=False)
    assert trying.again(1, "work", 0, by_itself, vanished=False)
