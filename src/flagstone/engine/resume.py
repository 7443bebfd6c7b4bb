"""Which tasks of an earlier run a new one takes over: a pure decision, made before anything starts.

A task is taken over when it succeeded, its step is not to run again, no parameter that it read has changed, its step
still goes where it went, and every task that led to it is taken over too.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

from flagstone.model.declarations import Parallel
from flagstone.model.lineage import Lineage, Place
from flagstone.model.plan import Plan, Step, Transition
from flagstone.model.records import TaskRecord
from flagstone.model.states import State

_SPREADS = (Transition.FOREACH, Transition.PARALLEL)


class Resume:
    """The decision, by place. `origin` comes in the order of the tasks' numbers: what leads to a task is before it."""

    def __init__(
        self, plan: Plan, origin: Iterable[TaskRecord], *, again: frozenset[str], changed: frozenset[str]
    ) -> None:
        self.reasons: dict[str, str] = {}  # step -> why its tasks run although they had succeeded
        self._taken: dict[Place, TaskRecord] = {}
        self._arrived: Counter[Place] = Counter()  # how many of the tasks that a join brings together are taken over
        self._lineage = Lineage(plan)
        self._start = plan.start
        self._steps = {step.name: step for step in plan.steps}
        for record in origin:
            step = self._steps.get(record.id.step)
            if step is not None and record.state is State.SUCCEEDED and self._holds(step, record, again, changed):
                self._take(step, record)
        self._leave_half_gangs()

    def taken(self, step: str, path: tuple[int, ...], laps: tuple[int, ...] = ()) -> TaskRecord | None:
        """The task of the origin that stands for this one; None when it must run."""
        return self._taken.get(Place(step, path, laps))

    def __len__(self) -> int:
        return len(self._taken)

    def _take(self, step: Step, record: TaskRecord) -> None:
        place = _place(record)
        self._taken[place] = record
        if len(record.targets) == 1 and self._steps[record.targets[0]].joins:
            self._arrived[self._lineage.join_of(place, record.targets[0])] += 1

    def _leave_half_gangs(self) -> None:
        """A gang is taken over as a whole or runs again as a whole: its join has seen to itself."""
        for place in [place for place in self._taken if self._steps[place.step].declared(Parallel)]:
            joined = self._lineage.join_of(place, self._steps[place.step].next[0])
            split = self._taken[self._lineage.opener(joined)].split
            if split is None or self._arrived[joined] != split.count:
                self.reasons[place.step] = "a task of its gang did not succeed"
                del self._taken[place]

    def _holds(self, step: Step, record: TaskRecord, again: frozenset[str], changed: frozenset[str]) -> bool:
        if step.name in again:
            self.reasons[step.name] = "you asked for it, or it follows a step that you asked for"
            return False
        read = sorted(changed.intersection(record.reads))
        if read:
            self.reasons[step.name] = f"it read {', '.join(read)}, which changed"
            return False
        chosen = step.transition is Transition.SWITCH and len(record.targets) == 1 and record.targets[0] in step.next
        goes = record.targets == step.next or chosen
        if not goes or (record.split is not None) is not (step.transition in _SPREADS):
            self.reasons[step.name] = "its self.next changed"
            return False
        if not self._is_led_to(step, _place(record)):
            self.reasons.setdefault(step.name, "a step before it runs again")
            return False
        return True

    def _is_led_to(self, step: Step, place: Place) -> bool:
        if step.name == self._start:
            return True
        if not step.joins:
            before = [self._taken.get(parent) for parent in self._lineage.before(place)]
            return any(step.name in parent.targets for parent in before if parent is not None)
        opener = self._taken.get(self._lineage.opener(place))
        if opener is None:
            return False
        width = len(opener.targets) if opener.split is None else opener.split.count
        return self._arrived[place] == width


def _place(record: TaskRecord) -> Place:
    return Place(record.id.step, record.path, record.laps)


def changed_parameters(before: Mapping[str, str], now: Mapping[str, str]) -> frozenset[str]:
    """The parameters whose values (as JSON text) differ, or that only one of the runs has."""
    return frozenset(name for name in before.keys() | now.keys() if before.get(name) != now.get(name))
