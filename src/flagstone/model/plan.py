"""A flow as data: steps, order, parameters, declarations; the only interface between writing and running."""

from enum import StrEnum
from typing import TypeVar

from msgspec import Struct, field
from msgspec.structs import replace

from flagstone.model.declarations import AnyDeclaration, Isolation, Needs, Parallel
from flagstone.model.declaring import Declaration
from flagstone.model.errors import Location, UnknownStep
from flagstone.model.flow_declarations import AnyFlowDeclaration
from flagstone.model.resources import Resources

_Kind = TypeVar("_Kind", bound=Declaration)


class Transition(StrEnum):
    """How a step goes on: the form of its `self.next`."""

    LINEAR = "linear"  # self.next(self.a)
    SPLIT = "split"  # self.next(self.a, self.b): every branch runs
    FOREACH = "foreach"  # self.next(self.a, foreach="items"): a task an item
    PARALLEL = "parallel"  # self.next(self.a, num_parallel=n): a gang of n tasks at once
    SWITCH = "switch"  # self.next({key: self.a, ...}, condition="attribute"): one of the cases
    END = "end"  # no self.next


class Case(Struct, frozen=True):
    """One case of a switch and the step it leads to.

    `key` is the value of the condition; the source text where a configuration names it, and for an `if` its test.
    """

    key: str | int | float | bool | None
    target: str


class Step(Struct, frozen=True):
    """One step as its source says it."""

    name: str
    transition: Transition
    next: tuple[str, ...]  # targets in the order of self.next
    joins: bool  # the method takes `inputs`
    where: Location
    doc: str = ""
    foreach: str | None = None  # the attribute whose elements become tasks
    num_parallel: str | None = None  # the source text of num_parallel
    condition: str | None = None  # the attribute a switch looks at; None when it is written as `if` and `else`
    cases: tuple[Case, ...] = ()
    declarations: tuple[AnyDeclaration, ...] = ()

    @property
    def splits(self) -> bool:
        """Whether what follows runs in several tasks that a join must bring together."""
        return self.transition in (Transition.SPLIT, Transition.FOREACH, Transition.PARALLEL)

    def declared(self, kind: type[_Kind]) -> _Kind | None:
        """What the step declares of one kind; None when it does not."""
        return next((declaration for declaration in self.declarations if isinstance(declaration, kind)), None)

    @property
    def resources(self) -> Resources:
        """The step's claim on the machine."""
        needs = self.declared(Needs)
        return Resources() if needs is None else needs.resources()

    @property
    def isolation(self) -> str | None:
        """The step's own isolation mode, if it has one. The tasks of a gang never share a worker."""
        own = self.declared(Isolation)
        if self.declared(Parallel) is not None and (own is None or own.mode == "worker"):
            return "fork"
        return None if own is None else own.mode


class ParameterPlan(Struct, frozen=True):
    """A parameter as people and schedulers see it; its values are checked by the flow itself."""

    name: str  # on the command line
    attribute: str  # on the flow
    type: str  # "str", "int", "float", "bool", "json", "choice", "date", "datetime", "list", "dict", "path", "file"...
    required: bool = False
    default: str | None = None  # as text; None when there is none or when a function computes it
    help: str = ""
    choices: tuple[str, ...] = ()  # the only values there are, as texts; empty when there are others


class ConfigPlan(Struct, frozen=True):
    """A config as people see it; its value is among the run's constants, under its attribute."""

    name: str  # on the command line
    attribute: str  # on the flow
    required: bool = False
    help: str = ""


class Plan(Struct, frozen=True):
    """A flow as data. `steps` are in topological order, the first is the start and the last is the end.

    A step may go on to itself or to an earlier step, through a switch: that is a loop.
    """

    flow: str
    file: str  # the file that defines the flow, absolute
    start: str
    end: str
    steps: tuple[Step, ...]
    parameters: tuple[ParameterPlan, ...] = ()
    constants: tuple[str, ...] = ()
    configs: tuple[ConfigPlan, ...] = ()
    doc: str = ""
    matching_split: dict[str, str] = field(default_factory=dict)  # join -> the step whose split it closes
    declarations: tuple[AnyFlowDeclaration, ...] = ()  # of the flow, those of its bases first

    def all_declared(self, kind: type[_Kind]) -> tuple[_Kind, ...]:
        """What the flow declares of one kind, in order."""
        return tuple(declaration for declaration in self.declarations if isinstance(declaration, kind))

    def public(self) -> "Plan":
        """The plan as it may be recorded and shown: without values that nobody else may read."""
        steps = tuple(
            replace(step, declarations=tuple(one.public() for one in step.declarations)) for step in self.steps
        )
        return replace(self, steps=steps)

    def step(self, name: str) -> Step:
        """The step called `name`. Raises UnknownStep, which lists the steps."""
        for step in self.steps:
            if step.name == name:
                return step
        raise UnknownStep(flow=self.flow, step=name, steps=", ".join(s.name for s in self.steps))

    def goes_back(self, name: str, target: str) -> bool:
        """Whether going from step `name` to `target` begins another lap of a loop."""
        places = {step.name: place for place, step in enumerate(self.steps)}
        return places[target] <= places[name]

    @property
    def loops(self) -> bool:
        """Whether any step may run again."""
        places = {step.name: place for place, step in enumerate(self.steps)}
        return any(places[target] <= places[step.name] for step in self.steps for target in step.next)

    def depths(self) -> dict[str, int]:
        """How many splits are open around each step."""
        found = {self.start: 0}
        for step in self.steps:
            inside = found[step.name] + step.splits
            for target in step.next:
                closed = self.matching_split.get(target)
                found.setdefault(target, inside if closed is None else found[closed])
        return found

    def parents(self, name: str) -> tuple[str, ...]:
        """The steps that lead to `name`, in the order of the plan."""
        return tuple(step.name for step in self.steps if name in step.next)

    def after(self, name: str) -> frozenset[str]:
        """`name` and every step that can follow it. Raises UnknownStep."""
        reached: set[str] = set()
        open_steps = [self.step(name).name]
        while open_steps:
            current = open_steps.pop()
            if current not in reached:
                reached.add(current)
                open_steps.extend(self.step(current).next)
        return frozenset(reached)
