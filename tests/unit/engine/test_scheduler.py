"""The scheduler keeps its rules, R1 to R7, on random flows, in random orders of ends, with random failures."""

import random
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from flagstone.engine.scheduler import Claim, Scheduler, bodies
from flagstone.model.errors import Location
from flagstone.model.plan import Plan, Step, Transition
from flagstone.model.resources import Resources
from flagstone.model.states import State
from tests.strategies import FlowTree, flows, plan_of, widths_of
from tests.unit.engine.driving import Drive, drive, split_of

SEEDS = st.integers(0, 2**32 - 1)


def chooser(seed: int) -> random.Random:
    return random.Random(seed)


def parents_ended_before(seen: Drive) -> bool:
    ended: set[int] = set()
    ends = iter(seen.order)
    numbered = seen.numbered()
    for number in ends:
        if any(parent not in ended for parent in numbered[number].parents):
            return False
        ended.add(number)
    return True


def foreach_plan(*, joins_late: bool = False) -> Plan:
    """start spreads over `items`, work (and more, when `joins_late`) runs for each, join brings them together."""
    here = Location("flow.py", 1)
    body = ("work", "more") if joins_late else ("work",)
    steps = [Step("start", Transition.FOREACH, ("work",), False, here, foreach="items")]
    for place, name in enumerate(body):
        target = body[place + 1] if place + 1 < len(body) else "join"
        steps.append(Step(name, Transition.LINEAR, (target,), False, here))
    steps.append(Step("join", Transition.LINEAR, ("end",), True, here))
    steps.append(Step("end", Transition.END, (), False, here))
    return Plan("F", "flow.py", "start", "end", tuple(steps), matching_split={"join": "start"})


@given(tree=flows(), seed=SEEDS, places=st.integers(1, 5))
@settings(deadline=None)
def test_r1_a_step_starts_when_the_task_before_it_succeeded_and_a_join_when_all_have_arrived(
    tree: FlowTree, seed: int, places: int
) -> None:
    plan, dice = plan_of(tree), chooser(seed)

    seen = drive(plan, widths_of(tree), choose=dice.choice, places=places)

    assert seen.scheduler.state is State.SUCCEEDED
    assert parents_ended_before(seen)
    assert seen.most_at_once <= places
    assert len(set(seen.places())) == len(seen.started), "a task ran twice"


@given(tree=flows(), seeds=st.tuples(SEEDS, SEEDS))
@settings(deadline=None)
def test_r2_the_inputs_of_a_join_are_in_the_order_of_self_next_or_of_the_foreach_in_every_run(
    tree: FlowTree, seeds: tuple[int, int]
) -> None:
    plan = plan_of(tree)

    orders = []
    for seed in seeds:
        seen = drive(plan, widths_of(tree), choose=chooser(seed).choice)
        numbered = seen.numbered()
        orders.append(
            {
                (command.step, command.path): [(numbered[p].step, numbered[p].path) for p in command.parents]
                for command in seen.started
                if plan.step(command.step).joins
            }
        )

    assert orders[0] == orders[1]
    for (join, path), inputs in orders[0].items():
        opener = plan.step(plan.matching_split[join])
        if opener.transition is Transition.FOREACH:
            assert [inner for _, inner in inputs] == [(*path, index) for index in range(len(inputs))]
        else:
            assert len(inputs) == len(opener.next)


def test_r3_a_foreach_over_nothing_goes_straight_to_its_join_which_has_no_inputs() -> None:
    seen = drive(foreach_plan(), {"start": 0})

    assert [command.step for command in seen.started] == ["start", "join", "end"]
    assert list(seen.started[1].parents) == []


@given(tree=flows(), seed=SEEDS)
@settings(deadline=None)
def test_r4_after_a_failure_nothing_new_starts(tree: FlowTree, seed: int) -> None:
    plan, dice = plan_of(tree), chooser(seed)
    victim = dice.choice([step.name for step in plan.steps])

    seen = drive(plan, widths_of(tree), choose=dice.choice, fail=lambda command: command.step == victim)

    failed = [number for number in seen.order if seen.numbered()[number].step == victim]
    if failed:
        before = set(seen.order[: seen.order.index(failed[0])])
        assert seen.scheduler.state is State.FAILED
        assert all(set(command.parents) <= before for command in seen.started), "something started after the failure"


@given(tree=flows(), seed=SEEDS)
@settings(deadline=None)
def test_r4_with_keep_going_only_what_depends_on_the_failed_task_does_not_start(tree: FlowTree, seed: int) -> None:
    plan, dice = plan_of(tree), chooser(seed)
    whole = drive(plan, widths_of(tree), choose=chooser(seed).choice)
    victim = dice.choice(whole.places())

    seen = drive(
        plan,
        widths_of(tree),
        choose=dice.choice,
        fail=lambda command: (command.step, command.path) == victim,
        keep_going=True,
    )

    numbered = whole.numbered()
    depends = {victim}
    for number in whole.order:
        command = numbered[number]
        opener = (plan.matching_split.get(command.step, ""), command.path)  # the parent of a join without inputs
        if opener in depends or any((numbered[p].step, numbered[p].path) in depends for p in command.parents):
            depends.add((command.step, command.path))
    assert set(seen.places()) == set(whole.places()) - depends | {victim}
    assert seen.scheduler.state is State.FAILED


@given(tree=flows(max_width=5), seed=SEEDS, cpus=st.lists(st.sampled_from([0.5, 1, 2, 4]), min_size=1, max_size=5))
@settings(deadline=None)
def test_r5_tasks_that_run_together_never_claim_more_than_the_machine_has(
    tree: FlowTree, seed: int, cpus: list[float]
) -> None:
    plan, dice = plan_of(tree), chooser(seed)
    claims = {step.name: Claim(Resources(cpu=cpus[place % len(cpus)])) for place, step in enumerate(plan.steps)}

    seen = drive(plan, widths_of(tree), choose=dice.choice, places=8, capacity=Resources(cpu=4), claims=claims)

    assert seen.scheduler.state is State.SUCCEEDED
    assert seen.most_cpu <= 4


def test_r5_a_task_that_was_passed_over_often_goes_first() -> None:
    here = Location("flow.py", 1)
    plan = Plan(
        "F",
        "flow.py",
        "start",
        "end",
        (
            Step("start", Transition.SPLIT, ("spread", "whole"), False, here),
            Step("spread", Transition.FOREACH, ("small",), False, here, foreach="items"),
            Step("whole", Transition.LINEAR, ("meet",), False, here),
            Step("small", Transition.LINEAR, ("gather",), False, here),
            Step("gather", Transition.LINEAR, ("meet",), True, here),
            Step("meet", Transition.LINEAR, ("end",), True, here),
            Step("end", Transition.END, (), False, here),
        ),
        matching_split={"gather": "spread", "meet": "start"},
    )
    claims = {"whole": Claim(Resources(cpu=2))}

    seen = drive(plan, {"spread": 1000}, places=8, capacity=Resources(cpu=2), claims=claims)

    starts = [command.step for command in seen.started]
    assert starts.index("whole") < 300, "the task that needs the whole machine starved"


def test_r6_what_is_further_down_starts_first_so_that_memory_grows_with_what_runs() -> None:
    scheduler = Scheduler(foreach_plan(joins_late=True), Resources(cpu=2), places=2)
    (start,) = scheduler.start()
    scheduler.succeeded(start.number, ("work",), split_of("items", 100_000))

    first, second = scheduler.start()
    scheduler.succeeded(first.number, ("more",), None)
    (third,) = scheduler.start()

    assert (first.step, second.step) == ("work", "work")
    assert (third.step, third.path) == ("more", (0,))


def test_r7_a_run_that_is_stopped_is_cancelled_when_nothing_runs_any_more() -> None:
    scheduler = Scheduler(foreach_plan(), Resources(cpu=1), places=1)
    (start,) = scheduler.start()

    states = []
    scheduler.cancel()
    states.append(scheduler.state)
    scheduler.ended_badly(start.number, State.CANCELLED)
    states.append(scheduler.state)

    assert states == [State.RUNNING, State.CANCELLED]
    assert scheduler.start() == []


@given(tree=flows(), seed=SEEDS)
@settings(deadline=None)
def test_what_is_announced_as_expected_is_what_runs(tree: FlowTree, seed: int) -> None:
    plan = plan_of(tree)

    seen = drive(plan, widths_of(tree), choose=chooser(seed).choice)

    ran = Counter(command.step for command in seen.started)
    assert {step: count for step, count in seen.expected.items() if count} == ran


def test_bodies_name_what_lies_directly_between_a_split_and_its_join() -> None:
    found = bodies(foreach_plan(joins_late=True))

    assert found[""].steps == ("start", "join", "end")
    assert found["start"].steps == ("work", "more")
    assert found["start"].join == "join"
