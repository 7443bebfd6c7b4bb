"""Jobs queued at workers: who gets the next one, what a crash takes with it, and how idle workers take over."""

from collections import deque
from collections.abc import Sequence
from typing import Final

from flagstone.compute.process import wire
from flagstone.compute.process.ledger import Ledger
from flagstone.compute.process.slots import Attempt, Slot, Worker
from flagstone.compute.process.switchboard import Switchboard
from flagstone.compute.process.zygote_link import ZygoteLink
from flagstone.kit.processes import describe_exit
from flagstone.model.jobs import decode_report

IN_SOCKET: Final = 64  # jobs that may wait in one worker's socket; half of what the board remembers
_AHEAD: Final = 0.03  # seconds of work that a worker has before it, so that it never waits for the engine
_WEIGHT: Final = 0.1  # of the newest job in the average


class Workers:
    """The queues of all slots. The jobs that a dead worker leaves behind go back to the front of `again`."""

    def __init__(
        self, zygote: ZygoteLink, slots: Sequence[Slot], ledger: Ledger, switchboard: Switchboard, again: deque[Attempt]
    ) -> None:
        self._zygote = zygote
        self._slots = slots
        self._ledger = ledger
        self._switchboard = switchboard
        self._hired: dict[int, Slot] = {}  # by ticket
        self._seconds = _AHEAD / 2  # that a job takes, on average
        self._again = again

    @property
    def depth(self) -> int:
        """How many jobs one worker should have: one when they are long, more when they are short."""
        return min(IN_SOCKET, 1 + int(_AHEAD / self._seconds))

    def take(self, attempt: Attempt) -> bool:
        """Queue `attempt` at the worker that has least to do; False when every one is full or its slot is taken."""
        open_slots = [slot for slot in self._slots if slot.alone is None and len(slot.sent) < IN_SOCKET]
        if not open_slots:
            return False
        self._put(min(open_slots, key=lambda slot: len(slot.queue)), attempt)
        return True

    def slot_of(self, ticket: int) -> Slot | None:
        """Where the worker that was hired under `ticket` is."""
        return self._hired.get(ticket)

    def born(self, born: wire.Born) -> bool:
        """A process is there; whether it is a worker."""
        slot = self._hired.get(born.ticket)
        if slot is None or slot.worker is None:
            return False
        slot.worker.pid = born.pid
        self._announce_first(slot)
        return True

    def done(self, slot: Slot, attempt: Attempt, done: wire.Done) -> None:
        """A worker reports on a job and goes on with the next one."""
        slot.queue.remove(attempt)
        attempt.begins = slot.tail
        if slot.worker is not None:
            slot.worker.pid = done.pid
            slot.worker.completed += 1
        slot.tail = (done.stdout_end, done.stderr_end)
        report = decode_report(done.report)
        self._seconds += _WEIGHT * (max(1e-6, report.finished - report.started) - self._seconds)
        self._ledger.finish(attempt, done, "exit status 0", slot.tail)

    def heard(self, slot: Slot) -> None:
        """All that a worker said was taken in; it is at the next job now."""
        self._announce_first(slot)

    def flush(self) -> None:
        """Send what was put into the queues, a message a worker."""
        for slot in self._slots:
            if slot.unsent and slot.link is not None:
                self._switchboard.send(slot.link, wire.encode(slot.unsent))
            slot.unsent.clear()

    def skipped(self, slot: Slot, attempt: Attempt) -> None:
        """A worker saw that a job was to be withdrawn in the very moment in which the engine saw it begin."""
        slot.queue.remove(attempt)
        if slot.worker is not None and attempt.ticket in slot.worker.condemned:
            self._ledger.discard(attempt, "cancelled")
        else:
            self._ledger.void(attempt)
            self._again.appendleft(attempt)
        self._announce_first(slot)

    def gone(self, gone: wire.Gone) -> bool:
        """A process is gone; whether it was a worker. Only the job that it was at is lost."""
        slot = self._hired.pop(gone.ticket, None)
        if slot is None or slot.worker is None:
            return False
        lost = self._lost(slot, slot.worker)
        slot.worker = None
        slot.sent.clear()
        slot.unsent.clear()
        if slot.link is not None:
            slot.link.forget()
        self._zygote.board.rest(slot.index)
        slot.tail = slot.sizes()
        if lost is not None:
            slot.queue.remove(lost)
            self._ledger.finish(lost, None, gone.problem or describe_exit(gone.code), slot.tail, gone.usage)
        while slot.queue:
            attempt = slot.queue.pop()
            self._ledger.void(attempt)
            self._again.appendleft(attempt)
        return True

    def cancel(self, attempt: Attempt, number: int) -> None:
        """Withdraw a job that waits; signal the worker that is at it."""
        slot = attempt.slot
        if slot is None or slot.worker is None:
            return
        if self._zygote.board.withdraw(slot.index, attempt.ticket):
            slot.queue.remove(attempt)
            self._ledger.discard(attempt, "cancelled")
        else:
            slot.worker.condemned.add(attempt.ticket)
            self._zygote.order(wire.Signal(slot.worker.ticket, number))

    def share(self) -> None:
        """Let each idle slot take half of what waits at the busiest worker."""
        idle = [slot for slot in self._slots if slot.idle and not slot.sent]
        if not idle or len(idle) == len(self._slots):
            return
        for slot in idle:
            busiest = max(self._slots, key=lambda other: len(other.queue))
            taken: list[Attempt] = []
            for _ in range(len(busiest.queue) // 2):
                if not self._zygote.board.withdraw(busiest.index, busiest.queue[-1].ticket):
                    break
                taken.append(busiest.queue.pop())
            for attempt in reversed(taken):
                self._put(slot, attempt)

    def _put(self, slot: Slot, attempt: Attempt) -> None:
        if slot.worker is None:
            slot.worker = Worker(self._ledger.ticket())
            self._hired[slot.worker.ticket] = slot
            self._zygote.order(wire.Hire(slot.worker.ticket, slot.index))
        if not slot.queue:
            slot.tail = slot.sizes()
        self._ledger.enter(attempt)
        attempt.slot = slot
        slot.queue.append(attempt)
        slot.sent.append(attempt.ticket)
        slot.unsent.append(wire.Work(attempt.ticket, attempt.threads, attempt.data))
        self._announce_first(slot)

    def _announce_first(self, slot: Slot) -> None:
        if slot.queue and slot.worker is not None and slot.worker.pid:
            first = slot.queue[0]
            first.begins = slot.tail
            self._ledger.announce(first, slot.worker.pid)

    def _lost(self, slot: Slot, worker: Worker) -> Attempt | None:
        """The job that a dead worker was at; none when a signal that was meant for the one before hit it.

        A worker that died before its first job takes that with it, or it would be tried for ever.
        """
        at = self._zygote.board.current(slot.index)
        for attempt in slot.queue:
            if attempt.ticket == at:
                return attempt if not worker.condemned or at in worker.condemned else None
        return slot.queue[0] if slot.queue and not worker.completed else None
