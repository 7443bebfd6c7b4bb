"""What a task takes of the machine, and the refusal of what can never fit."""

import pytest

from flagstone.engine.claims import Machine, claims_of
from flagstone.model.declarations import Needs
from flagstone.model.errors import ImpossibleResources, Location
from flagstone.model.plan import Plan, Step, Transition
from flagstone.model.resources import Resources

MACHINE = Machine(Resources(cpu=4, memory=8000, gpu=0), places=8)


def plan_with(*needs: Needs) -> Plan:
    step = Step("start", Transition.END, (), False, Location("flow.py", 7), declarations=needs)
    return Plan("F", "flow.py", "start", "start", (step,))


def test_a_step_that_declares_nothing_takes_its_share_so_that_every_place_can_be_used() -> None:
    claim = claims_of(plan_with(), MACHINE, lambda _: 8)["start"]

    assert claim.resources == Resources(cpu=0.5)
    assert claim.places == 1


def test_a_step_that_declares_takes_what_it_declares() -> None:
    claim = claims_of(plan_with(Needs(cpu=2, memory=500)), MACHINE, lambda _: 8)["start"]

    assert claim.resources == Resources(cpu=2, memory=500)


def test_a_worker_that_takes_many_in_a_row_takes_a_part_of_a_place_for_each() -> None:
    claim = claims_of(plan_with(), MACHINE, lambda _: 80)["start"]

    assert claim.places == pytest.approx(0.1)
    assert claim.resources.cpu == pytest.approx(0.05)


@pytest.mark.parametrize(
    ("needs", "word"), [(Needs(memory=99_000), "memory"), (Needs(cpu=5), "cpu"), (Needs(gpu=1), "gpu")]
)
def test_what_can_never_fit_is_refused_with_the_line_and_with_what_there_is(needs: Needs, word: str) -> None:
    with pytest.raises(ImpossibleResources, match=word) as caught:
        claims_of(plan_with(needs), MACHINE, lambda _: 8)

    assert caught.value.where == Location("flow.py", 7)
    assert caught.value.exit_status == 2
