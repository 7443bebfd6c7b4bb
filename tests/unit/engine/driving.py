"""Drives a scheduler alone: no process, no clock, no store."""

from collections.abc import Callable, Mapping

from msgspec import Struct, field

from flagstone.engine.scheduler import Claim, Scheduler, StartTask
from flagstone.model.artifacts import Split
from flagstone.model.plan import Plan, Transition
from flagstone.model.resources import Resources
from flagstone.model.states import State

Choice = Callable[[list[int]], int]


class Drive(Struct):
    """What a drive saw."""

    scheduler: Scheduler
    started: list[StartTask] = field(default_factory=list)
    order: list[int] = field(default_factory=list)  # the numbers in the order in which they ended
    most_at_once: int = 0
    most_cpu: float = 0
    expected: dict[str, int] = field(default_factory=dict)

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
) -> Drive:
    """Run a plan to its end; `choose` says which of the running tasks ends next, `fail` which of them fail."""
    scheduler = Scheduler(plan, capacity or Resources(cpu=places), places=places, claims=claims, keep_going=keep_going)
    seen = Drive(scheduler)
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
        number = choose(sorted(running))
        command = running.pop(number)
        seen.order.append(number)
        step = plan.step(command.step)
        if fail(command):
            scheduler.ended_badly(number, State.FAILED)
        elif step.transition is Transition.FOREACH:
            scheduler.succeeded(number, step.next, split_of("items", widths[step.name]))
        else:
            scheduler.succeeded(number, step.next, None)
    return seen
