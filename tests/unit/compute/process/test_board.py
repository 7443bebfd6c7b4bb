"""The page that the engine shares with its workers."""

import os

from hypothesis import given
from hypothesis import strategies as st

from flagstone.compute.process.board import WITHDRAWN, Board


def test_a_job_that_was_withdrawn_is_not_begun() -> None:
    board = Board(2)

    assert board.withdraw(1, 7)

    assert not board.begin(1, 7)
    assert board.begin(1, 8)
    assert board.begin(0, 7), "another slot's jobs are not concerned"


def test_a_job_that_was_begun_is_not_withdrawn() -> None:
    board = Board(1)
    board.begin(0, 7)

    assert not board.withdraw(0, 7)
    board.rest(0)
    assert board.current(0) == 0


@given(st.lists(st.integers(1, 2**63), min_size=1, max_size=WITHDRAWN, unique=True))
def test_as_many_tickets_as_wait_in_a_socket_are_remembered(tickets: list[int]) -> None:
    board = Board(1)

    for ticket in tickets:
        board.withdraw(0, ticket)

    assert not any(board.begin(0, ticket) for ticket in tickets)


def test_what_a_forked_process_writes_is_seen_here() -> None:
    board = Board(3)

    pid = os.fork()
    if pid == 0:
        board.begin(2, 99)
        board.settle(1, 42)
        os._exit(0)
    os.waitpid(pid, 0)

    assert board.current(2) == 99
    assert board.is_settled(1, 42)
    assert not board.is_settled(2, 42)
