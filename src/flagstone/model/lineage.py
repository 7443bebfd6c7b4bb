"""Which task follows which, by their places in a run: the step, the foreach indexes, and the laps of the loops around.

A place names one task of a run at most. What leads to a task is at the same place one step earlier, in the lap before
when it came back in a loop; one index less after a foreach; and back at the place of the split after its join.
"""

from typing import NamedTuple

from flagstone.model.plan import Plan, Transition


class Place(NamedTuple):
    """A task's place in any run of a plan; `laps` are without the zeros at their end."""

    step: str
    path: tuple[int, ...] = ()
    laps: tuple[int, ...] = ()


class Lineage:
    """The neighbours of places in one plan."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._steps = {step.name: step for step in plan.steps}
        self._order = {step.name: place for place, step in enumerate(plan.steps)}
        self._depths = plan.depths()
        self._parents = {step.name: plan.parents(step.name) for step in plan.steps}

    def spreads(self, step: str) -> bool:
        """Whether what follows the step has an index more."""
        return self._steps[step].transition in (Transition.FOREACH, Transition.PARALLEL)

    def gathers(self, step: str) -> bool:
        """Whether the step joins what has an index more."""
        return self._steps[step].joins and self.spreads(self._plan.matching_split[step])

    def opener(self, join: Place) -> Place:
        """Where the task is that split what a join brings together."""
        return Place(self._plan.matching_split[join.step], join.path, join.laps)

    def join_of(self, place: Place, join: str) -> Place:
        """Where the join is that a task at `place` goes on to."""
        path = place.path[:-1] if self.gathers(join) else place.path
        return Place(join, path, without_zeros(place.laps[: self._depths[join] + 1]))

    def branch_of(self, join: str, parent: str) -> int:
        """Which of a split's branches leads over `parent` to its join: its place in the order of `self.next`."""
        branches = self._steps[self._plan.matching_split[join]].next
        return next((place for place, branch in enumerate(branches) if self._leads(branch, parent, join)), 0)

    def _leads(self, branch: str, goal: str, join: str) -> bool:
        pending, seen = [branch], {join}
        while pending:
            name = pending.pop()
            if name not in seen:
                seen.add(name)
                pending += self._steps[name].next
        return goal in seen

    def before(self, place: Place) -> list[Place]:
        """Where the task may be that leads to one that is no join; of those that exist, one has gone on to its step."""
        return [self._step_before(place, parent) for parent in self._parents[place.step] if self._may(place, parent)]

    def _may(self, place: Place, parent: str) -> bool:
        lap = self._lap(place)
        back = self._order[place.step] <= self._order[parent]
        return lap > 0 if back else not (lap and self._steps[parent].splits)

    def _step_before(self, place: Place, parent: str) -> Place:
        step, path, laps = place
        depth = self._depths[step]
        if self._order[step] <= self._order[parent]:
            return Place(parent, path, without_zeros((*laps[:depth], laps[depth] - 1)))
        if self._steps[parent].splits:
            return Place(parent, path[:-1] if self.spreads(parent) else path, without_zeros(laps[:depth]))
        return Place(parent, path, laps)

    def after(self, place: Place, target: str) -> Place:
        """Where a step is that follows; what follows a foreach or gang has an index more than this says."""
        if self._steps[target].joins:
            return self.join_of(place, target)
        if self._order[target] <= self._order[place.step]:
            depth = self._depths[target]
            laps = (*place.laps, *[0] * (depth + 1 - len(place.laps)))
            return Place(target, place.path, (*laps[:depth], laps[depth] + 1))
        return Place(target, place.path, place.laps)

    def _lap(self, place: Place) -> int:
        depth = self._depths[place.step]
        return place.laps[depth] if depth < len(place.laps) else 0


def without_zeros(laps: tuple[int, ...]) -> tuple[int, ...]:
    """Laps without the zeros at their end: what a task outside of every loop has is empty."""
    end = len(laps)
    while end and not laps[end - 1]:
        end -= 1
    return laps[:end]
