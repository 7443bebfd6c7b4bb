"""What decorators say about a step, as frozen records; behaviour lives in the middleware that owns each of them."""

from typing import Any

from msgspec import Struct

from flagstone.model.resources import Resources


class Declaration(Struct, frozen=True, tag=True, tag_field="declares"):
    """Base of all declarations; a subclass is one decorator's arguments."""


class Needs(Declaration, frozen=True):
    """`@resources(cpu=1, memory=4096, gpu=None)`: the claim on the machine; None leaves the default."""

    cpu: float | None = None
    memory: int | None = None
    gpu: int | None = None

    def resources(self) -> Resources:
        """The claim with the defaults filled in: one core, no memory, no gpu."""
        return Resources(
            cpu=1 if self.cpu is None else self.cpu,
            memory=self.memory or 0,
            gpu=self.gpu or 0,
        )


class Isolation(Declaration, frozen=True):
    """`@step(isolation="fork" | "worker" | "spawn")`: how the task's process comes to be."""

    mode: str


class Parallel(Declaration, frozen=True):
    """`@parallel`: the tasks of the step run at the same time and know each other: the target of num_parallel=."""


class UserDecorator(Declaration, frozen=True):
    """A decorator of the user's own: where it is defined, and its arguments as far as they are plain data."""

    name: str  # the module and the name in it, as in "my_pkg.timing.timed"
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = {}


AnyDeclaration = Needs | Isolation | Parallel | UserDecorator
