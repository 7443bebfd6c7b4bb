"""What a resume takes over: exactly the tasks that succeeded and whose whole history is taken over too."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from flagstone.engine.resume import Resume, changed_parameters
from flagstone.model.declarations import Parallel
from flagstone.model.plan import Plan, Transition
from tests.strategies import FlowTree, Single, flows, plan_of
from tests.unit.engine.driving import Drive, drive_tree
from tests.unit.engine.recording import recorded

Placed = tuple[str, tuple[int, ...], tuple[int, ...]]


def whole_run(tree: FlowTree, seed: int = 0) -> tuple[Plan, Drive]:
    return plan_of(tree), drive_tree(tree, seed)


def parents_of(plan: Plan, seen: Drive) -> dict[Placed, set[Placed]]:
    """For each place the places that it continues from; a join continues from its split too."""
    numbered = {command.number: (command.step, command.path, command.laps) for command in seen.started}
    found: dict[Placed, set[Placed]] = {}
    for command in seen.started:
        before = {numbered[parent] for parent in command.parents}
        if command.step in plan.matching_split:
            before.add((plan.matching_split[command.step], command.path, command.laps))
        found[numbered[command.number]] = before
    gangs = [place for place in found if plan.step(place[0]).declared(Parallel)]
    for place in gangs:
        found[place] |= {
            other for other in gangs if other != place and other[0] == place[0] and found[other] & found[place]
        }
    return found


@given(tree=flows(rich=True), seed=st.integers(0, 2**32 - 1))
@settings(deadline=None)
def test_a_task_is_taken_over_when_it_and_everything_that_led_to_it_succeeded(tree: FlowTree, seed: int) -> None:
    plan, seen = whole_run(tree)
    dice = random.Random(seed)
    survivors = [record for record in recorded(plan, seen) if dice.random() < 0.8]

    resume = Resume(plan, survivors, again=frozenset(), changed=frozenset())

    there = {(record.id.step, record.path, record.laps) for record in survivors}
    parents = parents_of(plan, seen)
    expected = set(there)
    while closed := {place for place in expected if not parents[place] <= expected}:
        expected -= closed
    taken = {place for place in parents if resume.taken(*place) is not None}
    assert taken == expected
    assert len(resume) == len(expected)


@given(tree=flows(rich=True))
@settings(deadline=None)
def test_nothing_changed_and_everything_succeeded_so_everything_is_taken_over(tree: FlowTree) -> None:
    plan, seen = whole_run(tree)

    resume = Resume(plan, recorded(plan, seen), again=frozenset(), changed=frozenset())

    assert len(resume) == len(seen.started)
    assert resume.reasons == {}


@given(tree=flows(rich=True), seed=st.integers(0, 2**32 - 1))
@settings(deadline=None)
def test_a_step_that_is_named_runs_again_with_everything_after_it(tree: FlowTree, seed: int) -> None:
    plan, seen = whole_run(tree)
    step = random.Random(seed).choice(plan.steps).name

    resume = Resume(plan, recorded(plan, seen), again=plan.after(step), changed=frozenset())

    for command in seen.started:
        assert (resume.taken(command.step, command.path, command.laps) is None) is (command.step in plan.after(step))


def test_what_read_a_changed_parameter_runs_again_and_says_so() -> None:
    plan, seen = whole_run(FlowTree((Single(),)))
    records = recorded(plan, seen, reads=("alpha",))

    resume = Resume(plan, records, again=frozenset(), changed=frozenset({"alpha"}))

    assert len(resume) == 0
    assert "alpha" in next(iter(resume.reasons.values()))


def test_a_step_whose_self_next_changed_runs_again() -> None:
    plan, seen = whole_run(FlowTree((Single(),)))
    other = Plan(
        plan.flow,
        plan.file,
        plan.start,
        plan.end,
        tuple(
            step
            if step.name != plan.start
            else type(step)(step.name, Transition.FOREACH, step.next, step.joins, step.where, foreach="items")
            for step in plan.steps
        ),
    )

    resume = Resume(other, recorded(plan, seen), again=frozenset(), changed=frozenset())

    assert resume.taken("start", ()) is None
    assert "self.next" in resume.reasons["start"]


def test_parameters_are_compared_by_their_json_text() -> None:
    before = {"n": "1", "same": '"x"', "gone": "0"}
    now = {"n": "2", "same": '"x"', "new": "0"}

    assert changed_parameters(before, now) == {"n", "gone", "new"}
