"""The laps of old tasks are found by going the way that the run went."""

from typing import Any

from flagstone.app.migration.laps import with_laps
from flagstone.model.events import TaskEnded
from flagstone.model.plan import Case, Plan, Step, Transition
from flagstone.testing.samples import ended
from tests.unit.client.history import HERE, step

# start spreads two items; in each, work leads to judge, which goes back to work or on to the join; end.
PLAN = Plan(
    flow="Tidal",
    file="/flows/tidal.py",
    start="start",
    end="end",
    steps=(
        step("start", "work", foreach="items"),
        step("work", "judge"),
        Step(
            "judge",
            Transition.SWITCH,
            ("work", "join"),
            joins=False,
            where=HERE,
            condition="go",
            cases=(Case("again", "work"), Case("on", "join")),
        ),
        step("join", "end", joins=True),
        step("end"),
    ),
    matching_split={"join": "start"},
)


def task(number: int, name: str, *targets: str, path: tuple[int, ...] = (), **changes: Any) -> TaskEnded:
    return ended(number, name, path=path, targets=targets, **changes)


def test_the_laps_of_each_item_are_counted_on_their_own() -> None:
    run = [
        task(1, "start", "work"),
        task(2, "work", "judge", path=(0,)),
        task(3, "work", "judge", path=(1,)),
        task(4, "judge", "work", path=(0,)),
        task(5, "judge", "join", path=(1,)),
        task(6, "work", "judge", path=(0,)),
        task(7, "judge", "join", path=(0,)),
        task(8, "join", "end"),
        task(9, "end"),
    ]

    found = {end.number: end.laps for end in with_laps(PLAN, run)}

    assert found == {1: (), 2: (), 3: (), 4: (), 5: (), 6: (0, 1), 7: (0, 1), 8: (), 9: ()}


def test_every_attempt_at_a_task_has_its_laps() -> None:
    run = [
        task(1, "start", "work"),
        task(2, "work", "judge", path=(0,)),
        task(3, "judge", "work", path=(0,)),
        task(4, "work", path=(0,), will_retry=True),
        task(4, "work", "judge", path=(0,), attempt=1),
    ]

    assert [end.laps for end in with_laps(PLAN, run)] == [(), (), (), (0, 1), (0, 1)]
