"""Drives a scheduler alone: no process, no clock, no store."""

from collections import Counter
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from msgspec import Struct, field

from flagstone.engine.ready import Claim
from flagstone.engine.scheduler import Scheduler, StartTask
from flagstone.model.artifacts import Split
from flagstone.model.plan import Plan, Transition
from flagstone.model.resources import Resources
from flagstone.model.states import State
from tests.strategies import FlowTree, lines_of, plan_of, widths_of

Choice = Callable[[list[int]], int]


class Drive(Struct):
    """What a drive saw."""

    scheduler: Scheduler
    started: list[StartTask] = field(default_factory=list)
    order: list[int] = field(default_factory=list)  # the numbers in the order in which they ended
    most_at_once: int = 0
    most_cpu: float = 0
    expected: dict[str, int] = field(default_factory=dict)
    splits: dict[int, Split] = field(default_factory=dict)  # by the number of the task that split
    targets: dict[int, tuple[str, ...]] = field(default_factory=dict)  # of the tasks that did not

    def places(self) -> list[tuple[str, tuple[int, ...]]]:
        """Step and path of each task that started."""
        return [(command.step, command.path) for command in self.started]

    def numbered(self) -> dict[int, StartTask]:
        """The commands by number."""
        return {command.number: command for command in self.started}


def split_of(variable: str, count: int) -> Split:
    """A split whose elements nobody looks at."""
    pages = count // 128 + 2
    return Split(variable, count, 128, tuple(range(pages)), b"x" * pages)


def drive(
    plan: Plan,
    widths: Mapping[str, int],
    *,
    choose: Choice = lambda numbers: numbers[0],
    fail: Callable[[StartTask], bool] = lambda _: False,
    places: float = 3,
    capacity: Resources | None = None,
    claims: Mapping[str, Claim] | None = None,
    keep_going: bool = False,
    goes: Callable[[StartTask], str] = lambda command: "",
    again: Callable[[StartTask], bool] = lambda _: False,
) -> Drive:
    """Run a plan to its end; `choose` says which of the running tasks ends next, `fail` which of them fail.

    `goes` says which case a switch takes, `again` which failures are tried again.
    """
    scheduler = Scheduler(plan, capacity or Resources(cpu=places), places=places, claims=claims, keep_going=keep_going)
    seen = Drive(scheduler)
    waiting: list[list[int]] = []
    running: dict[int, StartTask] = {}
    while not scheduler.state.finished:
        commands = scheduler.start()
        for step_name, count in scheduler.take_expected().items():
            seen.expected[step_name] = seen.expected.get(step_name, 0) + count
        for command in commands:
            seen.started.append(command)
            running[command.number] = command
        seen.most_at_once = max(seen.most_at_once, len(running))
        seen.most_cpu = max(seen.most_cpu, sum(task.claim.resources.cpu for task in scheduler.running.values()))
        if not running:
            scheduler.try_again(waiting.pop(0))
            continue
        number = choose(sorted(running))
        command = running.pop(number)
        seen.order.append(number)
        step = plan.step(command.step)
        ends_badly = fail(command)
        if ends_badly:
            comrades = scheduler.comrades(number)
            scheduler.ended_badly(number, State.FAILED, again=again(command))
            for comrade in comrades:
                del running[comrade]
                scheduler.ended_badly(comrade, State.CANCELLED)
        elif step.transition in (Transition.FOREACH, Transition.PARALLEL):
            seen.splits[number] = split_of("items", widths[step.name])
            scheduler.succeeded(number, step.next, seen.splits[number])
        else:
            targets = (goes(command),) if step.transition is Transition.SWITCH else step.next
            seen.targets[number] = targets
            scheduler.succeeded(number, targets, None)
        if aside := scheduler.take_aside():
            waiting.append(aside)
    return seen


def drive_tree(tree: FlowTree, seed: int = 0, **more: Any) -> Drive:
    """Drive a random flow, in a random order; its switches and loops do what the tree says."""
    lines = {line.name: line for line in lines_of(tree)}
    visits: Counter[tuple[str, tuple[int, ...]]] = Counter()

    def goes(command: StartTask) -> str:
        line = lines[command.step]
        if not line.loops:
            return line.next[line.taken]
        visits[command.step, command.path] += 1
        return line.next[int(visits[command.step, command.path] % (line.taken + 1) == 0)]

    return drive(plan_of(tree), widths_of(tree), choose=Random(seed).choice, goes=goes, **more)
