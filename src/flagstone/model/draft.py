"""A flow as it was read, before anyone knows whether it makes sense: what the graph rules look at."""

from functools import cached_property

from msgspec import Struct

from flagstone.model.declarations import Parallel
from flagstone.model.errors import InvalidGraph, Location
from flagstone.model.plan import Step


class Trouble(Struct, frozen=True):
    """Something in a step's source that cannot be understood, in the reader's words."""

    where: Location
    problem: str
    hint: str


class StepDraft(Struct, frozen=True, kw_only=True):
    """A step as its source says it, and what its source says wrongly.

    `step.transition` is END for every step in which no final self.next was found.
    """

    step: Step
    start: bool = False  # marked with @step(start=True)
    end: bool = False  # likewise
    arguments: int = 1  # how many the method takes, `self` included
    said: Location | None = None  # where its self.next stands
    odd: Trouble | None = None  # the method cannot be a step: async, a generator, *args
    missing: Trouble | None = None  # it does not end with self.next
    invalid: Trouble | None = None  # it ends with a self.next of no known form

    @property
    def name(self) -> str:
        """The step's name."""
        return self.step.name

    @property
    def next_where(self) -> Location:
        """Where its self.next stands; the method itself when there is none."""
        return self.said or self.step.where

    @property
    def parallel(self) -> bool:
        """Whether it is marked with @parallel."""
        return any(isinstance(declaration, Parallel) for declaration in self.step.declarations)


class Draft:
    """A flow's steps in the order of their definition."""

    def __init__(
        self, flow: str, where: Location, steps: tuple[StepDraft, ...], methods: frozenset[str] = frozenset()
    ) -> None:
        self.flow = flow
        self.where = where  # of the class
        self.steps = steps
        self.methods = methods  # functions of the class that are not steps
        self.named = {step.name: step for step in steps}

    @cached_property
    def starts(self) -> tuple[StepDraft, ...]:
        """The steps that may be meant as the start: the marked ones, else the one called `start`, else the only one."""
        return self._terminals("start")

    @cached_property
    def ends(self) -> tuple[StepDraft, ...]:
        """Likewise for the end."""
        return self._terminals("end")

    def _terminals(self, role: str) -> tuple[StepDraft, ...]:
        marked = tuple(step for step in self.steps if getattr(step, role))
        if marked:
            return marked
        if role in self.named:
            return (self.named[role],)
        alone = len(self.steps) == 1 and self.steps[0].said is None
        return self.steps if alone else ()

    @property
    def start(self) -> StepDraft:
        """The start step of a draft that has exactly one."""
        return self.starts[0]

    @property
    def end(self) -> StepDraft:
        """The end step of a draft that has exactly one."""
        return self.ends[0]

    @cached_property
    def going_back(self) -> frozenset[tuple[str, str]]:
        """The transitions that close a loop, as (from, to): `to` lies on the way from the start to `from`."""
        back: set[tuple[str, str]] = set()
        on_the_way: set[str] = set()
        seen: set[str] = set()
        pending = [(step, False) for step in (self.start.name,) if step in self.named]
        while pending:
            name, leaving = pending.pop()
            if leaving:
                on_the_way.discard(name)
                continue
            if name in seen:
                continue
            seen.add(name)
            on_the_way.add(name)
            pending.append((name, True))
            targets = [target for target in self.named[name].step.next if target in self.named]
            back.update((name, target) for target in targets if target in on_the_way)
            pending.extend((target, False) for target in reversed(targets) if target not in seen)
        return frozenset(back)

    @cached_property
    def before(self) -> dict[str, tuple[StepDraft, ...]]:
        """For each step the steps that lead to it for the first time: its parents, but for those that go back."""
        return {
            name: tuple(parent for parent in parents if (parent.name, name) not in self.going_back)
            for name, parents in self.parents.items()
        }

    @cached_property
    def parents(self) -> dict[str, tuple[StepDraft, ...]]:
        """For each step the other steps that lead to it, in the order of their definition."""
        found: dict[str, list[StepDraft]] = {step.name: [] for step in self.steps}
        for step in self.steps:
            for target in step.step.next:
                if target in found and target != step.name:
                    found[target].append(step)
        return {name: tuple(parents) for name, parents in found.items()}


def wrong(where: Location, problem: str, hint: str) -> InvalidGraph:
    """The error that every rule raises: what is wrong, where, and what to write instead."""
    return InvalidGraph(problem=problem, hint=hint, where=where)
