"""Which lap of its loops each old task was in: nobody recorded it, and the way through the tasks tells it."""

from collections import defaultdict, deque
from collections.abc import Sequence

import msgspec

from flagstone.model.events import TaskEnded
from flagstone.model.lineage import Lineage, Place
from flagstone.model.plan import Plan

Spot = tuple[str, tuple[int, ...]]  # a step and foreach indexes


def with_laps(plan: Plan, ends: Sequence[TaskEnded]) -> list[TaskEnded]:
    """The ends of all attempts, each with the laps of its task; tasks have their numbers in the order of the run."""
    if not _has_loops(plan):
        return list(ends)
    found = _Way(plan).laps(sorted({end.number: end for end in ends}.values(), key=lambda end: end.number))
    return [msgspec.structs.replace(end, laps=found[end.number]) for end in ends]


def _has_loops(plan: Plan) -> bool:
    order = {step.name: place for place, step in enumerate(plan.steps)}
    return any(order[target] <= order[step.name] for step in plan.steps for target in step.next)


class _Way:
    """Goes from task to task, and notes where each leads: the next one at that spot is the one that it led to."""

    def __init__(self, plan: Plan) -> None:
        self._lineage = Lineage(plan)
        self._led: dict[Spot, deque[tuple[int, ...]]] = defaultdict(deque)  # laps of what is still to come
        self._spread: dict[Spot, list[tuple[int, ...]]] = defaultdict(list)  # likewise, once for every index below
        self._begun: dict[Spot, int] = defaultdict(int)  # how often a task came straight from a split
        self._known: set[Place] = set()

    def laps(self, tasks: Sequence[TaskEnded]) -> dict[int, tuple[int, ...]]:
        """The laps by the tasks' numbers; none for a task of which nothing shows where it came from."""
        return {task.number: self._follow(task) for task in tasks}

    def _follow(self, task: TaskEnded) -> tuple[int, ...]:
        laps = self._take(task.step, task.path)
        for target in task.targets:
            place = self._lineage.after(Place(task.step, task.path, laps), target)
            if place in self._known:  # several tasks lead to a join
                continue
            self._known.add(place)
            noted = self._spread if self._lineage.spreads(task.step) else self._led
            noted[target, place.path].append(place.laps)
        return laps

    def _take(self, step: str, path: tuple[int, ...]) -> tuple[int, ...]:
        if self._led[step, path]:
            return self._led[step, path].popleft()
        spread, turn = self._spread[step, path[:-1]], self._begun[step, path]
        self._begun[step, path] += 1
        return spread[turn] if turn < len(spread) else ()
