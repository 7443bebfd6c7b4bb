"""In a loop a step has several tasks at the same place: each knows which one led to it and where it led."""

from itertools import pairwise

import pytest

from flagstone.client import Run, Task
from flagstone.model.plan import Case, Plan, Step, Transition
from flagstone.model.states import State
from tests.unit.client.history import HERE, History, done, step


def switch(name: str, condition: str, *targets: str) -> Step:
    cases = tuple(Case(number, target) for number, target in enumerate(targets))
    return Step(name, Transition.SWITCH, targets, joins=False, where=HERE, condition=condition, cases=cases)


# start spreads two items; in each, try leads to judge, which goes back to try or on to the join; end.
PLAN = Plan(
    flow="Tidal",
    file="/flows/tidal.py",
    start="start",
    end="end",
    steps=(
        step("start", "try_", foreach="items"),
        step("try_", "judge"),
        switch("judge", "again", "try_", "join"),
        step("join", "end", joins=True),
        step("end"),
    ),
    matching_split={"join": "start"},
)


@pytest.fixture
def looped(history: History) -> Run:
    """Item 0 needed one try, item 1 three."""
    run = history.begin(plan=PLAN)
    number = 1
    history.record(run, done(number, "start", targets=("try_",)))
    for item, tries in enumerate((1, 3)):
        for lap in range(tries):
            laps = (0, lap) if lap else ()
            history.record(
                run,
                done(number + 1, "try_", path=(item,), laps=laps, targets=("judge",)),
                done(
                    number + 2,
                    "judge",
                    path=(item,),
                    laps=laps,
                    targets=("join",) if lap == tries - 1 else ("try_",),
                ),
            )
            number += 2
    history.record(run, done(number + 1, "join", targets=("end",)), done(number + 2, "end"))
    history.end(run, State.SUCCEEDED)
    return Run("Tidal/1")


def test_each_lap_knows_the_lap_before_it_and_the_one_after(looped: Run) -> None:
    way = ["Tidal/1/start/1", "Tidal/1/try_/4", "Tidal/1/judge/5", "Tidal/1/try_/6", "Tidal/1/judge/7"]
    way += ["Tidal/1/try_/8", "Tidal/1/judge/9", "Tidal/1/join/10"]

    for before, after in pairwise(way[1:]):
        assert list(Task(before).child_task_pathspecs) == [after]
    for before, after in pairwise(way[:-1]):
        assert list(Task(after).parent_task_pathspecs) == [before]


def test_a_join_has_the_last_lap_of_each_branch_as_its_parents(looped: Run) -> None:
    assert list(looped["join"].task.parent_task_pathspecs) == ["Tidal/1/judge/3", "Tidal/1/judge/9"]


def test_a_split_led_to_the_first_laps_alone(looped: Run) -> None:
    assert list(looped["start"].task.child_task_pathspecs) == ["Tidal/1/try_/2", "Tidal/1/try_/4"]


def test_all_laps_are_tasks_of_their_step(looped: Run) -> None:
    assert [task.id for task in looped["try_"]] == ["8", "6", "4", "2"]
