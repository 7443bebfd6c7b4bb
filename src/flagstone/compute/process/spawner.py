"""The engine's side of fresh interpreters: starts one for a job, hears its report, reaps it."""

import os
import signal
from collections.abc import Callable, Sequence

from flagstone.compute.process import spawn, wire
from flagstone.compute.process.slots import Attempt
from flagstone.compute.process.switchboard import Switchboard
from flagstone.kit import frames
from flagstone.kit.processes import signal_group
from flagstone.model.jobs import Usage

Hear = Callable[[Attempt, wire.Done | None, int, Usage], None]


class Spawner:
    """`hear` is called with a report and, once the process is gone, without one but with its exit code and usage."""

    def __init__(self, command: Sequence[str], switchboard: Switchboard, hear: Hear) -> None:
        self._command = command
        self._switchboard = switchboard
        self._hear = hear
        self._running: dict[int, Attempt] = {}  # by process id
        self.context = b""

    def start(self, attempt: Attempt, logs: tuple[int, int]) -> int:
        """Start a process for `attempt`; returns its id. Raises OSError."""
        ours, theirs = frames.pair()
        try:
            pid = spawn.start(self._command, theirs, logs, attempt.threads)
        except OSError:
            os.close(ours)
            raise
        finally:
            os.close(theirs)
        attempt.link = link = frames.Channel(ours)
        self._running[pid] = attempt
        watch = os.pidfd_open(pid) if hasattr(os, "pidfd_open") else -1
        self._switchboard.add_channel(link, lambda: self._listen(attempt, link, pid, watch))
        if watch >= 0:
            self._switchboard.add(watch, lambda: self._reap(attempt, link, pid, watch))
        self._switchboard.send(link, self.context)
        self._switchboard.send(link, wire.encode((wire.Work(attempt.ticket, attempt.threads, attempt.data),)))
        return pid

    def signal(self, attempt: Attempt, number: int) -> None:
        """Send a signal to the group of the attempt's process."""
        if self._running.get(attempt.pid) is attempt:
            signal_group(attempt.pid, number)

    def close(self) -> None:
        """Kill and reap everything."""
        for pid in self._running:
            signal_group(pid, signal.SIGKILL)
        for pid, attempt in self._running.items():
            os.waitpid(pid, 0)
            if attempt.link is not None:
                attempt.link.close()
        self._running.clear()

    def _listen(self, attempt: Attempt, link: frames.Channel, pid: int, watch: int) -> None:
        self._take(attempt, link)
        if link.closed:
            self._switchboard.remove(link.fd)
            if watch < 0:  # the system tells only by the end of the socket that the process has ended
                self._reap(attempt, link, pid, watch)

    def _reap(self, attempt: Attempt, link: frames.Channel, pid: int, watch: int) -> None:
        if watch >= 0:
            self._switchboard.remove(watch)
            os.close(watch)
            self._take(attempt, link)
        signal_group(pid, signal.SIGKILL)  # what it left behind; its id is not free before it is reaped
        _, status, used = os.wait4(pid, 0)
        del self._running[pid]
        self._switchboard.remove(link.fd)
        link.close()
        usage = Usage(used.ru_utime + used.ru_stime, used.ru_maxrss << 10)
        self._hear(attempt, None, os.waitstatus_to_exitcode(status), usage)

    def _take(self, attempt: Attempt, link: frames.Channel) -> None:
        for message in link.receive():
            done = wire.decode_answer(message)
            if isinstance(done, wire.Done):
                self._hear(attempt, done, 0, Usage())
