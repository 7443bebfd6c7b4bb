"""How a flow must go, told from its steps alone: which tasks there are, what each holds, and whom each follows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from flagstone.model.plan import Transition
from tests.strategies import Line

Level = tuple[int, int, Any]  # index, how many, element
ELEMENTS = "abcdefg"
SPREADING = (Transition.SPLIT, Transition.FOREACH, Transition.PARALLEL)


@dataclass(eq=False)
class Played:
    """One task."""

    line: Line
    stack: tuple[Level, ...]
    parents: tuple["Played", ...]
    has: dict[str, Any] = field(default_factory=dict)

    @property
    def step(self) -> str:
        """Of which step."""
        return self.line.name

    @property
    def place(self) -> str:
        """As the steps of the matrix call themselves."""
        return f"{self.step}{[index for index, _, _ in self.stack]}"

    def follows(self, step: str) -> bool:
        """Whether it is a task of this step, or came after one."""
        return self.step == step or any(parent.follows(step) for parent in self.parents)


Effect = Callable[[Played], None]


class Story:
    """Plays the steps one after the other; `effect` is what a behaviour adds to a task."""

    def __init__(self, lines: Sequence[Line], effect: Effect) -> None:
        self.lines = {line.name: line for line in lines}
        self.joins = {line.closes: line for line in lines if line.closes}
        self.effect = effect
        self.tasks: list[Played] = []
        self._go(lines[0], (), ())

    def of(self, step: str) -> list[Played]:
        """The tasks of a step."""
        return [task for task in self.tasks if task.step == step]

    def _go(self, line: Line, stack: tuple[Level, ...], parents: tuple[Played, ...]) -> Played:
        """Play on until a join is due, or the end: what arrives there."""
        while True:
            task = self._one(line, stack, parents)
            if line.transition in SPREADING:
                arrived = tuple(self._go(self.lines[entry], (*stack, *level), (task,)) for entry, level in _ways(line))
                line = self.joins[line.name]
                task = self._one(line, stack, arrived, task)
            if line.transition is Transition.END:
                return task
            line = self.lines[line.next[task.has["choice"] if line.transition is Transition.SWITCH else 0]]
            if line.closes:
                return task
            parents = (task,)

    def _one(
        self, line: Line, stack: tuple[Level, ...], parents: tuple[Played, ...], split: Played | None = None
    ) -> Played:
        task = Played(line, stack, (*parents, split) if split and not parents else parents)
        if line.closes:
            laps = parents[0].has["laps"] if parents else {}
            task.has = {"trail": [[each.has["trail"] for each in parents], task.place], "laps": laps}
        elif parents:
            task.has = dict(parents[0].has)
            task.has["trail"] = [*task.has["trail"], task.place]
        else:
            task.has = {"trail": [task.place], "laps": {}}
        task.has |= {"at": list(stack), "place": task.place}
        if line.transition is Transition.FOREACH:
            task.has["items"] = list(ELEMENTS[: line.width])
        if line.transition is Transition.SWITCH:
            _choose(task)
        self.effect(task)
        self.tasks.append(task)
        return task


def _ways(line: Line) -> list[tuple[str, tuple[Level, ...]]]:
    """Where the tasks behind a split begin, and the level that each has more than the split."""
    if line.transition is Transition.SPLIT:
        return [(entry, ()) for entry in line.next]
    elements = ELEMENTS if line.transition is Transition.FOREACH else range(line.width)
    return [(line.next[0], ((index, line.width, elements[index]),)) for index in range(line.width)]


def _choose(task: Played) -> None:
    line = task.line
    if not line.loops:
        task.has["choice"] = (line.taken + sum(index for index, _, _ in task.stack)) % len(line.next)
        return
    lap = task.has["laps"].get(line.name, 0)
    task.has["choice"] = 0 if lap < line.taken else 1
    task.has["laps"] = {**task.has["laps"], line.name: lap + 1 if lap < line.taken else 0}


def steps_after(lines: Sequence[Line], name: str) -> frozenset[str]:
    """A step and all that can come after it; in a loop that is the whole loop."""
    targets = {line.name: line.next for line in lines}
    found, open_ones = {name}, [name]
    while open_ones:
        new = set(targets[open_ones.pop()]) - found
        found |= new
        open_ones += new
    return frozenset(found)
