"""What a resume takes over: exactly the tasks that succeeded and whose whole history is taken over too."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from flagstone.engine.resume import Resume, changed_parameters
from flagstone.model.ids import RunId, TaskId
from flagstone.model.jobs import Usage
from flagstone.model.plan import Plan, Transition
from flagstone.model.records import TaskRecord
from flagstone.model.states import State
from tests.strategies import FlowTree, Single, flows, plan_of, widths_of
from tests.unit.engine.driving import Drive, drive, split_of

RUN = RunId("RandomFlow", 1)


def recorded(plan: Plan, seen: Drive, widths: dict[str, int], reads: tuple[str, ...] = ()) -> list[TaskRecord]:
    """What the metadata store would say about a run that was driven to its end."""
    records = []
    for command in seen.started:
        step = plan.step(command.step)
        spreads = step.transition is Transition.FOREACH
        records.append(
            TaskRecord(
                id=TaskId(RUN, command.step, command.number),
                attempt=0,
                path=command.path,
                state=State.SUCCEEDED,
                started=1.0,
                finished=2.0,
                manifest_digest=b"",
                manifest=b"",
                targets=step.next,
                split=split_of("items", widths[step.name]) if spreads else None,
                label="",
                reads=reads,
                failure=None,
                log=None,
                stamps=b"",
                usage=Usage(),
                origin=None,
            )
        )
    return records


def whole_run(tree: FlowTree) -> tuple[Plan, Drive, dict[str, int]]:
    plan, widths = plan_of(tree), widths_of(tree)
    return plan, drive(plan, widths), widths


def parents_of(plan: Plan, seen: Drive) -> dict[tuple[str, tuple[int, ...]], set[tuple[str, tuple[int, ...]]]]:
    """For each place the places that it continues from; a join continues from its split too."""
    numbered = seen.numbered()
    found = {}
    for command in seen.started:
        before = {(numbered[p].step, numbered[p].path) for p in command.parents}
        if command.step in plan.matching_split:
            before.add((plan.matching_split[command.step], command.path))
        found[command.step, command.path] = before
    return found


@given(tree=flows(), seed=st.integers(0, 2**32 - 1))
@settings(deadline=None)
def test_a_task_is_taken_over_when_it_and_everything_that_led_to_it_succeeded(tree: FlowTree, seed: int) -> None:
    plan, seen, widths = whole_run(tree)
    dice = random.Random(seed)
    survivors = [record for record in recorded(plan, seen, widths) if dice.random() < 0.8]

    resume = Resume(plan, survivors, again=frozenset(), changed=frozenset())

    there = {(record.id.step, record.path) for record in survivors}
    parents = parents_of(plan, seen)
    expected = set(there)
    while closed := {place for place in expected if not parents[place] <= expected}:
        expected -= closed
    taken = {place for place in parents if resume.taken(*place) is not None}
    assert taken == expected
    assert len(resume) == len(expected)


@given(tree=flows())
@settings(deadline=None)
def test_nothing_changed_and_everything_succeeded_so_everything_is_taken_over(tree: FlowTree) -> None:
    plan, seen, widths = whole_run(tree)

    resume = Resume(plan, recorded(plan, seen, widths), again=frozenset(), changed=frozenset())

    assert len(resume) == len(seen.started)
    assert resume.reasons == {}


@given(tree=flows(), seed=st.integers(0, 2**32 - 1))
@settings(deadline=None)
def test_a_step_that_is_named_runs_again_with_everything_after_it(tree: FlowTree, seed: int) -> None:
    plan, seen, widths = whole_run(tree)
    step = random.Random(seed).choice(plan.steps).name

    resume = Resume(plan, recorded(plan, seen, widths), again=plan.after(step), changed=frozenset())

    for command in seen.started:
        assert (resume.taken(command.step, command.path) is None) is (command.step in plan.after(step))


def test_what_read_a_changed_parameter_runs_again_and_says_so() -> None:
    plan, seen, widths = whole_run(FlowTree((Single(),)))
    records = recorded(plan, seen, widths, reads=("alpha",))

    resume = Resume(plan, records, again=frozenset(), changed=frozenset({"alpha"}))

    assert len(resume) == 0
    assert "alpha" in next(iter(resume.reasons.values()))


def test_a_step_whose_self_next_changed_runs_again() -> None:
    plan, seen, widths = whole_run(FlowTree((Single(),)))
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

    resume = Resume(other, recorded(plan, seen, widths), again=frozenset(), changed=frozenset())

    assert resume.taken("start", ()) is None
    assert "self.next" in resume.reasons["start"]


def test_parameters_are_compared_by_their_json_text() -> None:
    before = {"n": "1", "same": '"x"', "gone": "0"}
    now = {"n": "2", "same": '"x"', "new": "0"}

    assert changed_parameters(before, now) == {"n", "gone", "new"}
