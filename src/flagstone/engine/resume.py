"""Which tasks of an earlier run a new one takes over: a pure decision, made before anything starts.

A task is taken over when it succeeded, its step is not to run again, no parameter that it read has changed, its step
still goes where it went, and every task that led to it is taken over too.
"""

from collections.abc import Iterable, Mapping

from flagstone.model.plan import Plan, Step, Transition
from flagstone.model.records import TaskRecord
from flagstone.model.states import State

Place = tuple[str, tuple[int, ...]]  # a task's step and foreach indexes: its place in any run of the plan


class Resume:
    """The decision, by place."""

    def __init__(
        self, plan: Plan, origin: Iterable[TaskRecord], *, again: frozenset[str], changed: frozenset[str]
    ) -> None:
        self.reasons: dict[str, str] = {}  # step -> why its tasks run although they had succeeded
        self._taken: dict[Place, TaskRecord] = {}
        self._plan = plan
        self._parents = {step.name: plan.parents(step.name) for step in plan.steps}
        self._steps = {step.name: step for step in plan.steps}
        by_step: dict[str, list[TaskRecord]] = {}
        for record in origin:
            by_step.setdefault(record.id.step, []).append(record)
        for step in plan.steps:
            for record in by_step.get(step.name, ()):
                if record.state is State.SUCCEEDED and self._holds(step, record, again, changed):
                    self._taken[step.name, record.path] = record

    def taken(self, step: str, path: tuple[int, ...]) -> TaskRecord | None:
        """The task of the origin that stands for this one; None when it must run."""
        return self._taken.get((step, path))

    def __len__(self) -> int:
        return len(self._taken)

    def _holds(self, step: Step, record: TaskRecord, again: frozenset[str], changed: frozenset[str]) -> bool:
        if step.name in again:
            self.reasons[step.name] = "you asked for it, or it follows a step that you asked for"
            return False
        read = sorted(changed.intersection(record.reads))
        if read:
            self.reasons[step.name] = f"it read {', '.join(read)}, which changed"
            return False
        if record.targets != step.next or (record.split is not None) is not (step.transition is Transition.FOREACH):
            self.reasons[step.name] = "its self.next changed"
            return False
        if not all(self._parent_taken(step, parent, record.path) for parent in self._parents[step.name]):
            self.reasons.setdefault(step.name, "a step before it runs again")
            return False
        return True

    def _parent_taken(self, step: Step, parent: str, path: tuple[int, ...]) -> bool:
        if not step.joins:
            up = path[:-1] if self._steps[parent].transition is Transition.FOREACH else path
            return (parent, up) in self._taken
        opener = self._plan.matching_split[step.name]
        if self._steps[opener].transition is not Transition.FOREACH:
            return (parent, path) in self._taken
        split = self._taken.get((opener, path))
        if split is None or split.split is None:
            return False
        return all((parent, (*path, index)) in self._taken for index in range(split.split.count))


def changed_parameters(before: Mapping[str, str], now: Mapping[str, str]) -> frozenset[str]:
    """The parameters whose values (as JSON text) differ, or that only one of the runs has."""
    return frozenset(name for name in before.keys() | now.keys() if before.get(name) != now.get(name))
