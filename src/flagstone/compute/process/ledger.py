"""The attempts that have not ended, by ticket, and the events that the engine has not collected."""

from flagstone.compute.process import wire
from flagstone.compute.process.slots import Attempt
from flagstone.kit.clock import now
from flagstone.model.jobs import ComputeEvent, Ended, Started, Usage, decode_report

_NO_USAGE = Usage()


class Ledger:
    """Hands out tickets, and writes down the beginning and the end of each attempt once."""

    def __init__(self) -> None:
        self._tickets = 0
        self._events: list[ComputeEvent] = []
        self.attempts: dict[int, Attempt] = {}

    def ticket(self) -> int:
        """A number that no launch had before; they count up."""
        self._tickets += 1
        return self._tickets

    def enter(self, attempt: Attempt) -> None:
        """Give `attempt` a new ticket; the one it had is void."""
        self.attempts.pop(attempt.ticket, None)
        attempt.ticket = self.ticket()
        self.attempts[attempt.ticket] = attempt

    def announce(self, attempt: Attempt, pid: int, time: float = 0.0) -> None:
        """The attempt runs in process `pid`, since `time` or now; told once."""
        attempt.pid = pid
        if attempt.announced or attempt.slot is None:
            return
        attempt.announced = True
        span = attempt.slot.span(attempt.begins)
        self._events.append(Started(attempt.job.number, attempt.job.attempt, pid, time or now(), span))

    def finish(
        self, attempt: Attempt, done: wire.Done | None, how: str, ends: tuple[int, int], usage: Usage = _NO_USAGE
    ) -> None:
        """The attempt is over, with the report in `done` or without; `ends` are the ends of its output."""
        del self.attempts[attempt.ticket]
        report = None
        if done is not None:
            report, usage = decode_report(done.report), done.usage
            self.announce(attempt, done.pid, report.started)
        span = attempt.slot.span(attempt.begins, ends) if attempt.slot and attempt.announced else None
        self._events.append(Ended(attempt.job.number, attempt.job.attempt, report, how, span, usage))

    def void(self, attempt: Attempt) -> None:
        """The attempt's launch came to nothing, and it waits for another."""
        self.attempts.pop(attempt.ticket, None)
        attempt.ticket, attempt.slot = 0, None

    def discard(self, attempt: Attempt, how: str) -> None:
        """The attempt ends without having run a line."""
        self.attempts.pop(attempt.ticket, None)
        span = attempt.slot.span(attempt.begins, attempt.begins) if attempt.slot and attempt.announced else None
        self._events.append(Ended(attempt.job.number, attempt.job.attempt, None, how, span))

    def collect(self) -> list[ComputeEvent]:
        """The events since the last call."""
        events, self._events = self._events, []
        return events
