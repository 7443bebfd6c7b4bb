"""The states of a run and of a task, what each means, and the transitions that exist."""

from enum import StrEnum

from flagstone.model.errors import InternalError


class State(StrEnum):
    """A run or a task. `lost` is a process or machine that vanished: never a failure of the user's code."""

    WAITING = "waiting"  # known, but something before it is not finished
    QUEUED = "queued"  # everything before it succeeded; it waits for a worker or for resources
    RUNNING = "running"  # a process works on it
    SUCCEEDED = "succeeded"  # finished, and every one of its artifacts is durable
    FAILED = "failed"  # the user's code raised, or could not be stored
    CANCELLED = "cancelled"  # someone stopped it
    LOST = "lost"  # its process vanished without a word

    @property
    def finished(self) -> bool:
        """Whether nothing more can happen to it."""
        return self in _FINISHED


_FINISHED = frozenset({State.SUCCEEDED, State.FAILED, State.CANCELLED, State.LOST})

_TRANSITIONS: dict[State, frozenset[State]] = {
    State.WAITING: frozenset({State.QUEUED, State.CANCELLED}),
    State.QUEUED: frozenset({State.RUNNING, State.SUCCEEDED, State.CANCELLED}),  # succeeded: cloned by a resume
    State.RUNNING: frozenset(
        {State.SUCCEEDED, State.FAILED, State.CANCELLED, State.LOST, State.QUEUED}
    ),  # queued: retry
    State.SUCCEEDED: frozenset(),
    State.FAILED: frozenset(),
    State.CANCELLED: frozenset(),
    State.LOST: frozenset(),
}


def move(now: State, then: State) -> State:
    """The one function that makes a transition: returns `then`. Raises InternalError for one that does not exist."""
    if then not in _TRANSITIONS[now]:
        raise InternalError(message=f"a {now} task or run cannot become {then}")
    return then


def transitions() -> dict[State, frozenset[State]]:
    """All transitions, for the picture in the documentation and the tests."""
    return dict(_TRANSITIONS)
