"""Runs each task in a process on this machine: decides where a job goes, and tells what became of it."""

import signal
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from flagstone.compute.process import fork_safety, wire
from flagstone.compute.process.ledger import Ledger
from flagstone.compute.process.settings import ProcessSettings
from flagstone.compute.process.slots import Attempt, Slot
from flagstone.compute.process.spawner import Spawner
from flagstone.compute.process.switchboard import Switchboard
from flagstone.compute.process.threads import of_claim
from flagstone.compute.process.workers import Workers
from flagstone.compute.process.zygote import log_directory
from flagstone.compute.process.zygote_link import ZygoteLink
from flagstone.kit.files import private_directory
from flagstone.kit.processes import describe_exit, signal_group
from flagstone.kit.text import listed
from flagstone.model.jobs import ComputeEvent, Job, RunContext, Usage, encode
from flagstone.ports.compute import TaskRunner


class ProcessCompute:
    """Processes forked from a zygote, workers, or fresh interpreters, as the run and each job ask.

    Call `boot` once the user's module is imported and before anything is opened that a fork must not share (a
    database, a lock); `start` whenever the run is known.
    """

    def __init__(self, settings: ProcessSettings, runner: TaskRunner) -> None:
        self.slots = settings.workers
        self.notices: list[str] = []  # what the user should know, one line each
        self._settings = settings
        self._runner = runner
        self._switchboard = Switchboard()
        self._ledger = Ledger()
        self._spawner = Spawner(settings.spawn_command, self._switchboard, self._hear_spawned)
        self._zygote: ZygoteLink | None = None
        self._workers: Workers | None = None
        self._slots: list[Slot] = []
        self._waiting: deque[Attempt] = deque()
        self._cancels: deque[tuple[int, int]] = deque()
        self._disturbable = True
        self._closed = False

    def boot(self) -> None:
        """Fork the zygote, if the run may fork; what it inherits is what this process holds now."""
        settings = self._settings
        places = max(settings.workers, settings.most_at_once)
        links: list[ZygoteLink] = []
        if settings.isolation != "spawn" or settings.steps_fork:
            why = fork_safety.reasons()
            if why:
                left = f"left {listed(why)}"
                left = (
                    f"{settings.culprit} {left}"
                    if settings.culprit
                    else f"the flow's module {left} when it was imported"
                )
                self.notices.append(f"each task starts in a fresh interpreter (spawn), which is slower: {left}")
            else:
                links.append(ZygoteLink(self._runner, places, self._switchboard))
        self._slots = [Slot(i, links[0].links[i] if links else None) for i in range(places)]
        for link in links:
            self._zygote = link
            self._workers = Workers(
                link, self._slots[: settings.workers], self._ledger, self._switchboard, self._waiting
            )
            link.listen(self._hear, self._lose_zygote)
            for slot in self._slots:
                self._listen(slot)

    def start(self, context: RunContext) -> None:
        """Make the log directory and tell the zygote about the run. Raises OSError."""
        if not self._slots:
            self.boot()
        directory = private_directory(log_directory(context))
        for slot in self._slots:
            slot.directory = directory
        self._spawner.context = encode(context)
        if self._zygote is not None:
            self._zygote.order(wire.Prepare(self._spawner.context))

    def launch(self, jobs: Sequence[Job]) -> None:
        """Start `jobs`; one that finds no place waits for the next that is free."""
        with self._undisturbed():
            for job in jobs:
                mode = job.isolation or self._settings.isolation
                self._waiting.append(Attempt(job, encode(job), mode, of_claim(job.resources.cpu)))
            self._place_waiting()
            if self._workers is not None:
                self._workers.flush()

    def depth(self, isolation: str | None) -> int:
        """How many jobs in this isolation may be under way: more than `slots` where workers run short jobs."""
        if self._workers is None or (isolation or self._settings.isolation) != "worker":
            return self.slots
        return self.slots * self._workers.depth

    def filenos(self) -> Sequence[int]:
        """One descriptor, which stands for all sockets and processes."""
        return (self._switchboard.fileno(),)

    def collect(self) -> list[ComputeEvent]:
        """What happened since the last call, in order."""
        with self._undisturbed():
            self._switchboard.listen()
            self._place_waiting()
            if self._workers is not None:
                if not self._waiting:
                    self._workers.share()
                self._workers.flush()
        return self._ledger.collect()

    def cancel(self, number: int, *, kill: bool) -> None:
        """Signal the group of the attempt at task `number`; one that has not begun ends at once, as cancelled.

        A signal handler may call this at any moment.
        """
        self._cancels.append((number, signal.SIGKILL if kill else signal.SIGTERM))
        if not self._disturbable:
            return
        with self._undisturbed():
            pass

    @contextmanager
    def _undisturbed(self) -> Iterator[None]:
        """While it lasts a call of `cancel` only leaves a note, and takes effect at the end."""
        self._disturbable = False
        try:
            yield
            while self._cancels:
                self._cancel(*self._cancels.popleft())
        finally:
            self._disturbable = True

    def _cancel(self, number: int, signum: int) -> None:
        for attempt in [a for a in self._waiting if a.job.number == number]:
            self._waiting.remove(attempt)
            self._ledger.discard(attempt, "cancelled")
        for attempt in [a for a in self._ledger.attempts.values() if a.job.number == number]:
            if attempt.link is not None:
                self._spawner.signal(attempt, signum)
            elif attempt.mode == "worker" and self._workers is not None:
                self._workers.cancel(attempt, signum)
            elif self._zygote is not None:
                self._zygote.order(wire.Signal(attempt.ticket, signum))

    def close(self) -> None:
        """Kill everything that runs and give everything back."""
        if self._closed:
            return
        self._closed = True
        self._spawner.close()
        if self._zygote is not None:
            self._zygote.close(self._settings.patience)
        for slot in self._slots:
            slot.close()
        self._switchboard.close()

    # --- where a job goes

    def _place(self, attempt: Attempt) -> bool:
        """Find a place for `attempt`; False when it has to wait."""
        if attempt.mode == "worker" and self._workers is not None:
            return self._workers.take(attempt)
        slot = next((slot for slot in self._slots if slot.idle), None)
        if slot is not None:
            self._begin(slot, attempt)
        return slot is not None

    def _place_waiting(self) -> None:
        while self._waiting and self._place(self._waiting[0]):
            self._waiting.popleft()

    def _begin(self, slot: Slot, attempt: Attempt) -> None:
        slot.alone, attempt.slot = attempt, slot
        attempt.begins = slot.tail = slot.sizes()
        self._ledger.enter(attempt)
        if attempt.mode != "spawn" and self._zygote is not None:
            self._zygote.order(wire.Fork(attempt.ticket, slot.index, attempt.threads, attempt.data))
            return
        try:
            self._ledger.announce(attempt, self._spawner.start(attempt, slot.logs))
        except OSError as error:
            self._end(attempt, None, f"could not be started: {error}")

    # --- what became of it

    def _listen(self, slot: Slot) -> None:
        if slot.link is not None:
            self._switchboard.add_channel(slot.link, lambda: self._hear_slot(slot))

    def _hear_slot(self, slot: Slot) -> None:
        """Take the reports that have arrived from a slot's processes."""
        for message in slot.link.receive() if slot.link is not None else ():
            self._answered(slot, wire.decode_answer(message))
        if slot.worker is not None and self._workers is not None:
            self._workers.heard(slot)

    def _answered(self, slot: Slot, done: wire.Done | wire.Skipped) -> None:
        slot.passed(done.ticket)
        attempt = self._ledger.attempts.get(done.ticket)
        if attempt is None:
            return
        if isinstance(done, wire.Skipped):
            if self._workers is not None:
                self._workers.skipped(slot, attempt)
        elif attempt is not slot.alone and self._workers is not None:
            self._workers.done(slot, attempt, done)
        else:
            self._report(attempt, done)

    def _report(self, attempt: Attempt, done: wire.Done) -> None:
        if done.modules and self._zygote is not None:
            self._zygote.order(wire.Preload(done.modules))
        if done.final:
            self._end(attempt, done, "exit status 0")
        else:
            attempt.done = done

    def _hear(self, news: wire.Born | wire.Gone) -> None:
        """What the zygote tells."""
        attempt = self._ledger.attempts.get(news.ticket)
        if isinstance(news, wire.Born):
            if attempt is not None:
                self._ledger.announce(attempt, news.pid, news.time)
            elif self._workers is not None:
                self._workers.born(news)
            return
        slot = attempt.slot if attempt is not None else self._workers and self._workers.slot_of(news.ticket)
        if slot:
            self._hear_slot(slot)
        if attempt is None and self._workers is not None:
            self._workers.gone(news)
        elif attempt is not None and attempt.ticket in self._ledger.attempts:
            self._end(attempt, attempt.done, news.problem or describe_exit(news.code), news.usage)

    def _hear_spawned(self, attempt: Attempt, done: wire.Done | None, code: int, usage: Usage) -> None:
        if done is not None:
            self._report(attempt, done)
        elif attempt.ticket in self._ledger.attempts:
            self._end(attempt, attempt.done, describe_exit(code), usage)

    def _end(self, attempt: Attempt, done: wire.Done | None, how: str, usage: Usage | None = None) -> None:
        slot = attempt.slot
        if slot is None:
            return
        slot.tail = slot.sizes()
        if slot.alone is attempt:
            slot.alone = None
        self._ledger.finish(attempt, done, how, slot.tail, usage or Usage())

    def _lose_zygote(self) -> None:
        """The zygote is gone and its processes with it; what had not begun, and what comes later, is spawned."""
        zygote, self._zygote, self._workers = self._zygote, None, None
        if zygote is None:
            return
        self.notices.append(
            f"the process that forks tasks is gone ({zygote.exit}); from here on each starts in a fresh interpreter"
        )
        again: list[Attempt] = []
        for slot in self._slots:
            self._hear_slot(slot)
        for attempt in list(self._ledger.attempts.values()):
            if attempt.link is not None:
                continue
            if attempt.pid:
                signal_group(attempt.pid, signal.SIGKILL)  # what the attempt itself started
            place = attempt.slot.index if attempt.slot is not None else 0
            if attempt.announced or not zygote.board.withdraw(place, attempt.ticket):
                self._end(attempt, attempt.done, f"lost with the process that forks tasks ({zygote.exit})")
            else:
                again.append(attempt)
        for slot in self._slots:
            if slot.worker is not None and slot.worker.pid:
                signal_group(slot.worker.pid, signal.SIGKILL)
            slot.alone = slot.alone if slot.alone is not None and slot.alone.link is not None else None
            slot.queue.clear()
            slot.link = None
        for attempt in reversed(again):
            self._ledger.void(attempt)
            self._waiting.appendleft(attempt)
        zygote.close(0)
