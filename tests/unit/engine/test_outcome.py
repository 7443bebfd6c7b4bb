"""The end of a process means success, failure, cancelled or lost, and says what to do."""

import pytest

from flagstone.engine.outcome import judge
from flagstone.model.jobs import Ended, Failure, Report
from flagstone.model.states import State


def report(failure: Failure | None = None) -> Report:
    return Report(number=1, attempt=0, started=1, finished=2, failure=failure, manifest=b"")


def ended(exit: str, report: Report | None = None) -> Ended:  # noqa: A002 - the field's own name
    return Ended(number=1, attempt=0, report=report, exit=exit, log=None)


def test_a_report_without_a_failure_is_success_however_the_process_ended() -> None:
    assert judge(ended("killed by SIGKILL", report()), cancelling=True) == (State.SUCCEEDED, None)


def test_a_report_with_a_failure_is_a_failure() -> None:
    failure = Failure("builtins.ValueError", "no", "")

    assert judge(ended("exit status 0", report(failure)), cancelling=False) == (State.FAILED, failure)


@pytest.mark.parametrize(
    ("how", "state", "words"),
    [
        ("exit status 3", State.FAILED, "exit status 3"),
        ("killed by SIGSEGV", State.FAILED, "crashed"),
        ("killed by SIGKILL", State.LOST, "vanished"),
        ("killed by SIGTERM", State.LOST, "vanished"),
    ],
)
def test_a_process_that_vanishes_is_lost_unless_it_crashed_or_left_by_itself(
    how: str, state: State, words: str
) -> None:
    found, failure = judge(ended(how), cancelling=False)

    assert found is state
    assert failure is not None
    assert words in failure.message
    assert failure.hint


def test_a_process_that_was_stopped_is_cancelled() -> None:
    assert judge(ended("killed by SIGTERM"), cancelling=True) == (State.CANCELLED, None)
