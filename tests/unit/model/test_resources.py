"""What tasks ask for, and whether it is there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flagstone.model.declarations import Needs
from flagstone.model.resources import Resources

MACHINE = Resources(cpu=4, memory=8000, gpu=1)

resources = st.builds(
    Resources, cpu=st.integers(0, 64).map(lambda n: n / 4), memory=st.integers(0, 10**6), gpu=st.integers(0, 8)
)


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        (Resources(), None),
        (Resources(cpu=4, memory=8000, gpu=1), None),
        (Resources(cpu=4.5), ("cpu=4.5", "4 cores")),
        (Resources(memory=9000), ("memory=9000 (MiB)", "8000 MiB of memory")),
        (Resources(gpu=2), ("gpu=2", "1 gpus")),
    ],
)
def test_what_can_never_fit_is_told_in_words(asked: Resources, answer: tuple[str, str] | None) -> None:
    assert asked.lacking(MACHINE) == answer


@given(asked=resources, have=resources)
def test_what_fits_is_not_lacking(asked: Resources, have: Resources) -> None:
    assert asked.fits(have) == (asked.lacking(have) is None)


@given(one=resources, other=resources)
def test_what_is_taken_and_given_back_is_there_again(one: Resources, other: Resources) -> None:
    assert one.plus(other).minus(other) == one


def test_fractions_of_cores_add_up_in_spite_of_rounding() -> None:
    free = Resources(cpu=1)
    for _ in range(9):
        free = free.minus(Resources(cpu=0.1))

    assert Resources(cpu=0.1).fits(free)


def test_a_declaration_leaves_the_rest_at_its_default() -> None:
    assert Needs(memory=100).resources() == Resources(cpu=1, memory=100, gpu=0)
    assert Needs(cpu=0).resources() == Resources(cpu=0)
