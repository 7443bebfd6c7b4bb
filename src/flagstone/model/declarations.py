"""What decorators say about a step, as frozen records; behaviour lives in the middleware that owns each of them."""

import re
from typing import Any, ClassVar, Self

from msgspec import field

from flagstone.model.attempts import Catch, Retry, Timeout
from flagstone.model.declaring import Declaration
from flagstone.model.remote import Batch, Conda, Kubernetes, Pypi
from flagstone.model.resources import Resources
from flagstone.model.secrets import Secrets


class Needs(Declaration, frozen=True):
    """What a task of this step needs: `cpu` cores (may be fractional), `memory` in MiB, `gpu` graphics processors.

    On this machine, tasks that together ask for more than there is wait for each other, and one that can never fit
    fails before anything runs. `disk` and `shared_memory` are for the back ends that know them.
    """

    decorator: ClassVar[str] = "resources"

    cpu: float | None = None
    memory: int | None = None
    gpu: int | None = None
    disk: int | None = None
    shared_memory: int | None = None

    def check(self) -> None:
        """No claim is negative. Raises InvalidDeclaration."""
        for name in self.__struct_fields__:
            if (getattr(self, name) or 0) < 0:
                self.refuse(f"{name}={getattr(self, name)!r}", "a number of at least 0 is expected")

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

    several: ClassVar[bool] = True

    name: str  # the module and the name in it, as in "my_pkg.timing.timed"
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = field(default_factory=dict)


class PytorchParallel(Parallel, frozen=True, kw_only=True):
    """A gang step, as with `@parallel`, whose tasks find the variables that `torch.distributed` reads.

    `MASTER_ADDR`, `MASTER_PORT`, `NODE_RANK`, `RANK`, `WORLD_SIZE` and `NUM_NODES` are set for each of them.
    `master_port` is chosen from the run and the task when it is not given.
    """

    master_port: int | None = None

    def check(self) -> None:
        """The port exists. Raises InvalidDeclaration."""
        if self.master_port is not None and not 0 < self.master_port < 65536:
            self.refuse(f"master_port={self.master_port}", "a number from 1 to 65535 is expected")


class Environment(Declaration, frozen=True, kw_only=True):
    """Environment variables of the step's tasks: set before any of its code runs, seen by what it starts."""

    vars: dict[str, str] = field(default_factory=dict)

    def tidied(self) -> Self:
        """Numbers as texts. Raises InvalidDeclaration for values that are neither."""
        given: Any = self.vars
        if not isinstance(given, dict):
            return self
        for name, value in given.items():
            if isinstance(value, bool) or not isinstance(value, str | int | float):
                self.refuse(f"vars={{{name!r}: {value!r}}}", "a variable's value is a text", "write it in quotes")
        return type(self)(vars={name: str(value) for name, value in given.items()})

    def check(self) -> None:
        """The system takes these names and values. Raises InvalidDeclaration."""
        for name, value in self.vars.items():
            if not name or "=" in name or "\0" in name:
                self.refuse(f"vars={{{name!r}: ...}}", "this is not a name for a variable")
            if "\0" in value:
                self.refuse(f"vars={{{name!r}: ...}}", "a variable's value has no zero byte in it")


class Card(Declaration, frozen=True, kw_only=True):
    """A report that goes with each task of this step; several are told apart by their `id`.

    Cards are declared and filled by `current.card`; this version does not render them yet.
    """

    several: ClassVar[bool] = True

    type: str = "default"
    id: str | None = None
    options: dict[str, Any] = field(default_factory=dict)
    timeout: int = 45
    refresh_interval: int = 5
    customize: bool = False
    save_errors: bool = True
    rank: int | None = None
    scope: str = "task"

    def check(self) -> None:
        """The id is a name, the scope is known, times are positive. Raises InvalidDeclaration."""
        if self.id is not None and not re.fullmatch(r"[A-Za-z0-9_-]+", self.id):
            self.refuse(f"id={self.id!r}", "an id is made of letters, digits, - and _")
        if self.scope not in ("task", "run"):
            self.refuse(f"scope={self.scope!r}", "'task' or 'run' is expected")
        for name in ("timeout", "refresh_interval"):
            if getattr(self, name) <= 0:
                self.refuse(f"{name}={getattr(self, name)}", "a number above 0 is expected")


AnyDeclaration = (
    Needs
    | Isolation
    | Parallel
    | Retry
    | Catch
    | Timeout
    | UserDecorator
    | PytorchParallel
    | Environment
    | Secrets
    | Card
    | Kubernetes
    | Batch
    | Conda
    | Pypi
)
