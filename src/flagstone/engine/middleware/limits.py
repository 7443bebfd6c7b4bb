"""`@timeout`: interrupts a step from within when its time is up."""

import signal
from types import FrameType
from typing import ClassVar, NoReturn

from flagstone.dsl.caught import TimeoutException
from flagstone.engine.attempt import Attempt, Proceed
from flagstone.kit.text import duration
from flagstone.model.attempts import Timeout
from flagstone.model.declaring import Declaration


class LimitTime:
    """Raises in the step where it is; what cannot be interrupted so, in C code, the engine ends a little later."""

    understands: ClassVar[tuple[type[Declaration], ...]] = (Timeout,)

    def wrap(self, attempt: Attempt, proceed: Proceed) -> None:
        """Run with an alarm set."""
        timeout = attempt.step.declared(Timeout)
        if timeout is None or not _can_ring():
            proceed()
            return

        def ring(_number: int, _frame: FrameType | None) -> NoReturn:
            msg = f"step {attempt.step.name!r} took longer than its limit of {duration(timeout.limit)}"
            raise TimeoutException(msg)

        before = signal.signal(signal.SIGALRM, ring)
        signal.setitimer(signal.ITIMER_REAL, timeout.limit)
        try:
            proceed()
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)


def _can_ring() -> bool:
    import threading  # only for steps with a limit: see kit.threads

    return hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()
