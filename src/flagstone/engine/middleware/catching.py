"""`@catch`: a step that failed for good goes on all the same, and leaves what it raised in an artifact."""

import sys
from typing import ClassVar

from flagstone.dsl.caught import CaughtException
from flagstone.engine.attempt import Attempt, Proceed
from flagstone.engine.failures import describe_exception
from flagstone.kit.text import plural
from flagstone.model.attempts import Catch, Retry
from flagstone.model.declaring import Declaration
from flagstone.model.errors import InvalidNextException, NoTerminal, StoppedByPerson
from flagstone.model.jobs import Failure
from flagstone.model.plan import Transition

# A mistake in the flow itself, or the will of a person: no step may go on from it.
NEVER_CAUGHT = (InvalidNextException, NoTerminal, StoppedByPerson)


class CatchFailures:
    """Stores the exception of the last attempt; the ones before it pass through, and the engine tries again."""

    understands: ClassVar[tuple[type[Declaration], ...]] = (Catch, Retry)

    def wrap(self, attempt: Attempt, proceed: Proceed) -> None:
        """Run, and go on after a failure as if the step had come to its self.next."""
        catch = attempt.step.declared(Catch)
        if catch is None:
            proceed()
            return
        failure = attempt.job.caught
        if failure is None:
            try:
                proceed()
            except Exception as error:
                failure = describe_exception(error)
                if isinstance(error, NEVER_CAUGHT) or _comes_again(attempt, failure):
                    raise
        if catch.var is not None:
            setattr(attempt.flow, catch.var, None if failure is None else _stored(failure))
        if failure is not None:
            if catch.print_exception:
                _tell(attempt, failure)
            _go_on(attempt)


def _comes_again(attempt: Attempt, failure: Failure) -> bool:
    retry = attempt.step.declared(Retry)
    return retry is not None and retry.pause(attempt.job.attempt, failure.kinds) is not None


def _stored(failure: Failure) -> CaughtException:
    return CaughtException(failure.type, failure.message, failure.traceback)


def _tell(attempt: Attempt, failure: Failure) -> None:
    tries = plural(attempt.job.attempt + (attempt.job.caught is None), "attempt")
    sys.stderr.write(f"@catch: {attempt.step.name} failed after {tries}, and the flow goes on\n")
    sys.stderr.write(failure.traceback or f"{failure.type}: {failure.message}\n")


def _go_on(attempt: Attempt) -> None:
    step, state = attempt.step, attempt.flow._flagstone
    state.chosen = None
    if step.transition is not Transition.END:
        state.choose(step.next)
