"""States and the transitions between them."""

from itertools import product

import pytest

from flagstone.model.errors import InternalError
from flagstone.model.states import State, move, transitions


def test_a_task_that_ends_well_goes_through_every_state_before() -> None:
    state = State.WAITING
    for then in (State.QUEUED, State.RUNNING, State.SUCCEEDED):
        state = move(state, then)

    assert state.finished


def test_nothing_leaves_a_finished_state() -> None:
    assert all(not onward for state, onward in transitions().items() if state.finished)
    assert all(onward for state, onward in transitions().items() if not state.finished)


def test_every_state_has_its_transitions() -> None:
    assert set(transitions()) == set(State)


@pytest.mark.parametrize(("now", "then"), list(product(State, State)))
def test_a_move_is_a_transition_or_an_error(now: State, then: State) -> None:
    if then in transitions()[now]:
        assert move(now, then) is then
    else:
        with pytest.raises(InternalError, match=f"a {now} task or run cannot become {then}"):
            move(now, then)


def test_waiting_tasks_never_fail_by_themselves() -> None:
    assert transitions()[State.WAITING] == {State.QUEUED, State.CANCELLED}
