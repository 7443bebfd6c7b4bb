"""What a task of each step takes of the machine while it runs, and whether it can ever fit."""

from collections.abc import Callable

from msgspec import Struct

from flagstone.engine.ready import Claim
from flagstone.model.declarations import Needs
from flagstone.model.errors import ImpossibleResources
from flagstone.model.plan import Plan, Step
from flagstone.model.resources import Resources


class Machine(Struct, frozen=True):
    """What there is: resources, and places for processes."""

    resources: Resources
    places: int
    most_at_once: int = 0  # how many processes a gang may have, which share the places; 0: no more than those


class Admission:
    """The claims of a plan's steps, which follow how many tasks a worker takes in a row by now."""

    def __init__(self, plan: Plan, machine: Machine, depth: Callable[[str | None], int]) -> None:
        self._plan = plan
        self._machine = machine
        self._depth = depth
        self.claims = claims_of(plan, machine, depth)  # raises ImpossibleResources
        self._isolations = {step.isolation for step in plan.steps}
        self._seen = self._depths()

    def changed(self) -> dict[str, Claim]:
        """The claims that differ from those of the last call; usually none."""
        depths = self._depths()
        if depths == self._seen:
            return {}
        self._seen = depths
        before, self.claims = self.claims, claims_of(self._plan, self._machine, self._depth)
        return {name: claim for name, claim in self.claims.items() if claim != before[name]}

    def crowd(self, width: int) -> tuple[str, str] | None:
        """Why so many tasks cannot have a process each at the same time, as (asked, have); None when they can."""
        most = self._machine.most_at_once or self._machine.places
        return (f"{width} processes", f"places for {most}") if width > most else None

    def _depths(self) -> list[int]:
        return [self._depth(isolation) for isolation in self._isolations]


def claims_of(plan: Plan, machine: Machine, depth: Callable[[str | None], int]) -> dict[str, Claim]:
    """A claim for each step. Raises ImpossibleResources for one that can never fit.

    A step that declares no cpu takes an equal share, so that exactly `places` of its tasks fit. `depth` tells how many
    tasks in an isolation the back end wants under way at once: where that is more than the places, since a worker takes
    one after the other, each task takes a part of a place (unless it declares what it needs).
    """
    return {step.name: _claim(step, machine, depth(step.isolation) / machine.places) for step in plan.steps}


def _claim(step: Step, machine: Machine, in_a_row: float) -> Claim:
    needs = step.declared(Needs)
    share = min(1.0, machine.resources.cpu / machine.places)
    if needs is None:
        return Claim(Resources(cpu=share / in_a_row), places=1 / in_a_row)
    asked = needs.resources()
    lacking = asked.lacking(machine.resources)
    if lacking is not None:
        raise ImpossibleResources(step=step.name, asked=lacking[0], have=lacking[1], where=step.where)
    cpu = share if needs.cpu is None else asked.cpu
    return Claim(Resources(cpu=cpu, memory=asked.memory, gpu=asked.gpu), loose=needs.cpu is None)
