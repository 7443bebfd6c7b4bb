"""The scheduler keeps its rules, R1 to R10, on random flows, in random orders of ends, with random failures."""

import random
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from flagstone.engine.chains import chains
from flagstone.engine.ready import Claim
from flagstone.engine.scheduler import Scheduler, StartTask
from flagstone.model.declarations import Parallel
from flagstone.model.errors import Location
from flagstone.model.plan import Plan, Step, Transition
from flagstone.model.resources import Resources
from flagstone.model.states import State
from tests.strategies import FlowTree, flows, lines_of, plan_of, widths_of
from tests.unit.engine.driving import Drive, drive, drive_tree, split_of

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


@given(tree=flows(rich=True), seed=SEEDS, places=st.integers(1, 5))
@settings(deadline=None)
def test_r1_a_step_starts_when_the_task_before_it_succeeded_and_a_join_when_all_have_arrived(
    tree: FlowTree, seed: int, places: int
) -> None:
    gangs = [line.width for line in lines_of(tree) if line.transition is Transition.PARALLEL]

    seen = drive_tree(tree, seed, places=places)

    assert seen.scheduler.state is State.SUCCEEDED
    assert parents_ended_before(seen)
    assert seen.most_at_once <= max(places, *gangs, 1)
    assert len({(c.step, c.path, c.laps) for c in seen.started}) == len(seen.started), "a task ran twice"


@given(tree=flows(rich=True), seeds=st.tuples(SEEDS, SEEDS))
@settings(deadline=None)
def test_r2_the_inputs_of_a_join_are_in_the_order_of_self_next_or_of_the_foreach_in_every_run(
    tree: FlowTree, seeds: tuple[int, int]
) -> None:
    plan = plan_of(tree)

    orders = []
    for seed in seeds:
        seen = drive_tree(tree, seed)
        numbered = seen.numbered()
        orders.append(
            {
                (command.step, command.path, command.laps): [
                    (numbered[p].step, numbered[p].path) for p in command.parents
                ]
                for command in seen.started
                if plan.step(command.step).joins
            }
        )

    assert orders[0] == orders[1]
    for (join, path, _), inputs in orders[0].items():
        opener = plan.step(plan.matching_split[join])
        if opener.transition in (Transition.FOREACH, Transition.PARALLEL):
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


@given(tree=flows(rich=True), seed=SEEDS)
@settings(deadline=None)
def test_what_is_announced_as_expected_is_what_runs(tree: FlowTree, seed: int) -> None:
    seen = drive_tree(tree, seed)

    ran = Counter(command.step for command in seen.started)
    assert {step: count for step, count in seen.expected.items() if count} == ran


@given(tree=flows(rich=True), seed=SEEDS)
@settings(deadline=None)
def test_r8_a_switch_goes_on_with_the_one_step_that_it_chose_and_a_loop_has_its_laps(tree: FlowTree, seed: int) -> None:
    seen = drive_tree(tree, seed)

    numbered = seen.numbered()
    followers = Counter((parent, command.step) for command in seen.started for parent in command.parents)
    for number, targets in seen.targets.items():
        line = next(line for line in lines_of(tree) if line.name == numbered[number].step)
        if line.transition is Transition.SWITCH:
            assert [followers[number, target] for target in line.next] == [int((t,) == targets) for t in line.next]


@given(tree=flows(rich=True, max_width=4), seed=SEEDS, places=st.integers(1, 3))
@settings(deadline=None)
def test_r9_the_tasks_of_a_gang_start_together(tree: FlowTree, seed: int, places: int) -> None:
    plan = plan_of(tree)

    seen = drive_tree(tree, seed, places=places)

    for place, command in enumerate(seen.started):
        if plan.step(command.step).declared(Parallel) and command.path[-1] == 0:
            width = command.items[-1].count
            together = seen.started[place : place + width]
            assert [(c.step, c.path[-1]) for c in together] == [(command.step, node) for node in range(width)]


def gang_plan() -> Plan:
    """start gathers a gang in train, which join brings together."""
    here = Location("flow.py", 1)
    steps = (
        Step("start", Transition.PARALLEL, ("train",), False, here, num_parallel="3"),
        Step("train", Transition.LINEAR, ("join",), False, here, declarations=(Parallel(),)),
        Step("join", Transition.LINEAR, ("end",), True, here),
        Step("end", Transition.END, (), False, here),
    )
    return Plan("F", "flow.py", "start", "end", steps, matching_split={"join": "start"})


def test_r9_when_one_task_of_a_gang_ends_badly_the_others_are_named_and_the_gang_has_failed() -> None:
    scheduler = Scheduler(gang_plan(), Resources(cpu=2), places=2)
    (start,) = scheduler.start()
    scheduler.succeeded(start.number, ("train",), split_of("num_parallel", 3))
    first, second, third = scheduler.start()

    scheduler.succeeded(first.number, ("join",), None)
    others = scheduler.comrades(second.number)
    scheduler.ended_badly(second.number, State.FAILED)
    before = scheduler.state
    scheduler.ended_badly(third.number, State.CANCELLED)

    assert others == [third.number]
    assert (before, scheduler.state) == (State.RUNNING, State.FAILED)
    assert scheduler.failed == 1


def test_r9_a_gang_waits_until_there_is_room_for_all_of_it() -> None:
    claims = {"train": Claim(Resources(cpu=1), loose=False)}
    scheduler = Scheduler(gang_plan(), Resources(cpu=2), places=2, claims=claims)

    assert scheduler.impossible_gang("train", 3) == ("cpu=3", "2 cores")
    assert scheduler.impossible_gang("train", 2) is None


def test_r10_a_gang_is_tried_again_as_a_whole_and_its_tasks_keep_their_numbers() -> None:
    scheduler = Scheduler(gang_plan(), Resources(cpu=2), places=2)
    (start,) = scheduler.start()
    scheduler.succeeded(start.number, ("train",), split_of("num_parallel", 3))
    gang = scheduler.start()

    scheduler.succeeded(gang[0].number, ("join",), None)
    scheduler.ended_badly(gang[1].number, State.FAILED, again=True)
    early = scheduler.take_aside()
    scheduler.ended_badly(gang[2].number, State.CANCELLED)
    aside = scheduler.take_aside()
    scheduler.try_again(aside)
    again = scheduler.start()

    assert early == []
    assert aside == [task.number for task in gang]
    assert [(task.number, task.attempt) for task in again] == [(task.number, 1) for task in gang]
    for task in again:
        scheduler.succeeded(task.number, ("join",), None)
    assert [task.step for task in scheduler.start()] == ["join"]


@given(tree=flows(rich=True), seed=SEEDS)
@settings(deadline=None)
def test_r10_a_task_that_is_tried_again_keeps_its_number_and_its_place(tree: FlowTree, seed: int) -> None:
    dice = chooser(seed)
    doomed: set[int] = set()

    def fails(command: StartTask) -> bool:
        if command.attempt == 0 and dice.random() < 0.3:
            doomed.add(command.number)
            return True
        return False

    seen = drive_tree(tree, seed, fail=fails, again=lambda _: True)

    assert seen.scheduler.state is State.SUCCEEDED
    by_number: dict[int, list[StartTask]] = {}
    for command in seen.started:
        by_number.setdefault(command.number, []).append(command)
    for attempts in by_number.values():
        assert [command.attempt for command in attempts] == list(range(len(attempts)))
        assert len({(c.step, c.path, c.laps, tuple(c.parents)) for c in attempts}) == 1
    assert all(len(by_number[number]) > 1 for number in doomed)


def test_a_chain_names_what_certainly_follows_at_the_level_of_a_step() -> None:
    found = chains(foreach_plan(joins_late=True))

    assert found["start"] == ("start", "join", "end")
    assert found["work"] == ("work", "more")
    assert found["more"] == ("more",)
