"""What a flow class holds besides its methods' code: its steps, parameters and constants, in order."""

from collections.abc import Callable
from typing import Any, NamedTuple

from flagstone.dsl.parameters import Parameter
from flagstone.model.errors import Location

StepFunction = Callable[..., Any]


class StepMark(NamedTuple):
    """What `@step` leaves on a method, as `__flagstone_step__`."""

    where: Location
    start: bool = False
    end: bool = False
    isolation: str | None = None


class Shape:
    """What `cls.__flagstone__` says about a flow class; bases come first, in the order of definition."""

    __slots__ = ("constants", "parameters", "protected", "steps")

    def __init__(self) -> None:
        self.steps: dict[str, StepFunction] = {}
        self.parameters: dict[str, Parameter] = {}
        self.constants: dict[str, Any] = {}
        self.protected: dict[str, str] = {}  # name -> why nobody may assign it in a step
