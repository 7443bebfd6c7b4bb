"""The counts behind every display."""

import msgspec

from flagstone.engine.observers.tally import KEPT_FAILURES, Tally
from flagstone.model.declarations import Parallel
from flagstone.model.events import AnyEvent, RunEnded
from flagstone.model.states import State
from tests.unit.engine.observers.recorded import FAILURE, T0, ended, expected, run_started, small_run, started


def tally_of(events: list[AnyEvent]) -> Tally:
    tally = Tally()
    for event in events:
        tally.on(event)
    return tally


def test_a_step_knows_what_is_done_running_and_waiting() -> None:
    events: list[AnyEvent] = [run_started(), expected("work", 10)]
    events += [started("work", number) for number in range(1, 5)]
    events += [ended("work", 1), ended("work", 2, State.FAILED, failure=FAILURE)]

    step = tally_of(events).step("work")

    assert (step.succeeded, step.failed, step.running, step.waiting, step.over) == (1, 1, 2, 6, 2)


def test_a_task_between_two_attempts_is_neither_waiting_nor_failed() -> None:
    events: list[AnyEvent] = [run_started(), expected("work", 3), started("work", 1), started("work", 2)]
    events += [ended("work", number, State.FAILED, failure=FAILURE, will_retry=True) for number in (1, 2)]

    step = tally_of(events).step("work")
    assert (step.again, step.waiting, step.failed, step.running) == (2, 1, 0, 0)

    again = msgspec.structs.replace(started("work", 1), attempt=1)
    step = tally_of([*events, again]).step("work")
    assert (step.again, step.waiting, step.running) == (1, 1, 1)


def test_what_would_have_been_tried_again_has_failed_once_the_run_is_over() -> None:
    begun = run_started()
    events: list[AnyEvent] = [begun, expected("work", 1), started("work", 1)]
    events += [ended("work", 1, State.FAILED, failure=FAILURE, will_retry=True)]
    over = RunEnded(time=T0 + 9, run=begun.run, state=State.CANCELLED)

    tally = tally_of([*events, over, over])

    assert (tally.failed, tally.step("work").again) == (1, 0)
    assert [failure.number for failure in tally.failures] == [1]


def test_a_gang_that_is_tried_again_is_counted_once_whatever_its_tasks_came_to() -> None:
    begun = run_started()
    gang = msgspec.structs.replace(begun.plan.step("work"), declarations=(Parallel(),))
    steps = tuple(gang if step.name == "work" else step for step in begun.plan.steps)
    begun = msgspec.structs.replace(begun, plan=msgspec.structs.replace(begun.plan, steps=steps))
    events: list[AnyEvent] = [begun, expected("work", 3), *(started("work", number) for number in (1, 2, 3))]
    events += [ended("work", 1), ended("work", 2, State.FAILED, failure=FAILURE, will_retry=True)]
    events += [ended("work", 3, State.CANCELLED)]
    events += [msgspec.structs.replace(started("work", number), attempt=1) for number in (1, 2, 3)]

    step = tally_of(events).step("work")
    assert (step.running, step.over, step.again, step.waiting) == (3, 0, 0, 0)

    step = tally_of([*events, *(ended("work", number) for number in (1, 2, 3))]).step("work")
    assert (step.succeeded, step.over) == (3, 3)


def test_the_estimate_follows_the_rate() -> None:
    events: list[AnyEvent] = [run_started(), expected("work", 100), started("work", 1), started("work", 2)]
    events += [ended("work", 1, after=2.0), ended("work", 2, after=2.0), started("work", 3)]

    step = tally_of(events).step("work")

    assert step.rate(T0 + 4.0) == 0.5
    assert step.seconds_left(T0 + 4.0) == 196.0


def test_nothing_is_estimated_before_anything_is_done() -> None:
    step = tally_of([run_started(), expected("work", 100), started("work", 1)]).step("work")

    assert step.seconds_left(T0 + 4.0) is None


def test_memory_holds_the_first_failures_and_the_running_tasks_only() -> None:
    events: list[AnyEvent] = [run_started(), expected("work", 1000)]
    for number in range(1, 1001):
        events += [started("work", number), ended("work", number, State.FAILED, failure=FAILURE)]

    tally = tally_of(events)

    assert tally.failed == 1000
    assert len(tally.failures) == KEPT_FAILURES
    assert not tally.running


def test_steps_come_in_the_order_of_the_plan_once_something_is_known() -> None:
    tally = tally_of(small_run())

    assert [step.name for step in tally.active()] == ["start", "work", "join"]
    assert tally.outcome is State.SUCCEEDED
