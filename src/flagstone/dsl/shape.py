"""What a flow class holds besides its methods' code: its steps, parameters and constants, in order."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from flagstone.dsl.delaying import Postponed, holds_delayed, is_waiting
from flagstone.dsl.parameters import Parameter
from flagstone.model.errors import Location

if TYPE_CHECKING:  # only named in annotations: a command line starts without them
    from flagstone.dsl.config_reading import Sources
    from flagstone.dsl.configs import Config
    from flagstone.model.declarations import AnyDeclaration

StepFunction = Callable[..., Any]


class StepMark(NamedTuple):
    """What `@step` leaves on a method, as `__flagstone_step__`."""

    where: Location
    start: bool = False
    end: bool = False
    isolation: str | None = None


class Applied:
    """A decorator of the user's own, or a mutator, as it stands on a step or a flow: its class and its arguments."""

    __slots__ = ("args", "instance", "kind", "kwargs", "where")

    def __init__(self, kind: Any, args: tuple[Any, ...], kwargs: dict[str, Any], where: Location | None) -> None:
        self.kind = kind
        self.args = args
        self.kwargs = kwargs
        self.where = where
        self.instance: Any = None  # of a mutator: the same for all of its hooks

    @property
    def mutates(self) -> bool:
        """Whether it is a mutator; everything else wraps the step when it runs."""
        return bool(self.kind.mutates)

    def again(self) -> Applied:
        """The same for another class, with no instance yet."""
        return Applied(self.kind, self.args, self.kwargs, self.where)


class Shape:
    """What `cls.__flagstone__` says about a flow class; bases come first, in the order of definition.

    Methods are shared between a class and those that derive from it; what is declared about them is not: a mutator
    of one class changes nothing about another.
    """

    __slots__ = (
        "applied",
        "attached",
        "config_sources",
        "config_values",
        "configs",
        "configured",
        "constants",
        "declared",
        "delayed_constants",
        "delays",
        "mutators",
        "parameters",
        "postponed",
        "protected",
        "replaced",
        "said",
        "settled",
        "steps",
    )

    def __init__(self) -> None:
        self.steps: dict[str, StepFunction] = {}
        self.parameters: dict[str, Parameter] = {}
        self.constants: dict[str, Any] = {}
        self.protected: dict[str, str] = {}  # name -> why nobody may assign it in a step
        self.declared: dict[str, list[AnyDeclaration]] = {}  # step -> what its decorators say
        self.applied: dict[str, list[Applied]] = {}  # step -> its user decorators and mutators, the innermost first
        self.attached: list[AnyDeclaration] = []  # what `--with` put on every step: it gives way where it cannot stand
        self.said: list[Any] = []  # what decorators of the flow say, in the order in which they stand, bases first
        self.mutators: list[Applied] = []  # of the flow, those of bases first
        self.configs: dict[str, Config] = {}
        self.config_sources: Sources | None = None  # what was given for them
        self.config_values: dict[str, Any] | None = None  # by attribute; None until they are read
        self.delayed_constants: dict[str, Any] = {}  # as they are written, with values that configs will give
        self.postponed: list[Postponed] = []  # decorators of the flow that wait for the configs
        self.delays = False  # whether anything here has or waits for a config: see `configuring.settle`
        self.configured = False  # whether `pre_mutate` ran
        self.settled = False  # whether `mutate` ran
        self.replaced: list[tuple[str, Any]] = []  # attributes that were put on the class, and what was there

    def take(self, name: str, function: StepFunction) -> None:
        """A step with what its decorators say."""
        self.steps[name] = function
        self.declared[name] = list(vars(function).get("__flagstone_declarations__", ()))
        self.applied[name] = [applied.again() for applied in vars(function).get("__flagstone_applied__", ())]

    def says(self, decorator: str) -> bool:
        """Whether the flow has a decorator of this name."""
        names = (vars(said.decorator)["name"] if isinstance(said, Postponed) else said.called() for said in self.said)
        return decorator in names

    def waits(self) -> bool:
        """Whether anything is a config or waits for one: a constant, a parameter, what a decorator was given."""
        if self.configs or self.delayed_constants or self.postponed:
            return True
        if any(parameter.waits for parameter in self.parameters.values()):
            return True
        if any(map(is_waiting, self.said)):
            return True
        applied = (*self.mutators, *(one for several in self.applied.values() for one in several))
        if any(holds_delayed(one.args) or holds_delayed(one.kwargs) for one in applied):
            return True
        return any(is_waiting(said) for several in self.declared.values() for said in several)
