"""The engine's side of a slot: the attempts in it, its worker, its socket and its log files."""

import os
from collections import deque
from pathlib import Path

from flagstone.compute.process import wire
from flagstone.compute.process.zygote import open_logs
from flagstone.kit.frames import Channel
from flagstone.model.jobs import Job, LogSpan


class Attempt:
    """A job that was launched and has not ended."""

    __slots__ = ("announced", "begins", "data", "done", "job", "link", "mode", "pid", "slot", "threads", "ticket")

    def __init__(self, job: Job, data: bytes, mode: str, threads: int) -> None:
        self.job = job
        self.data = data
        self.mode = mode
        self.threads = threads
        self.ticket = 0  # of the newest launch; 0 while it waits for a slot
        self.slot: Slot | None = None
        self.pid = 0
        self.announced = False  # Started was told
        self.begins = (0, 0)  # where its output begins in the slot's files
        self.done: wire.Done | None = None  # its report, when the slot is not free before the process is gone
        self.link: Channel | None = None  # a spawned process has a socket of its own


class Worker:
    """A forked process that runs job after job in a slot."""

    __slots__ = ("completed", "condemned", "pid", "ticket")

    def __init__(self, ticket: int) -> None:
        self.ticket = ticket
        self.pid = 0
        self.completed = 0
        self.condemned: set[int] = set()  # tickets of jobs that it was signalled for


class Slot:
    """One place where tasks run: a single attempt, or a worker with a queue of them."""

    def __init__(self, index: int, link: Channel | None) -> None:
        self.index = index
        self.link = link
        self.directory = Path()  # of the log files
        self.alone: Attempt | None = None
        self.queue: deque[Attempt] = deque()  # for the worker, the first of them is the one that it is at
        self.sent: deque[int] = deque()  # tickets in the worker's socket, withdrawn ones too
        self.unsent: list[wire.Work] = []  # of these, what waits for the next message to the worker
        self.worker: Worker | None = None
        self.tail = (0, 0)  # where the output of the next attempt begins
        self._logs: tuple[int, int] | None = None

    @property
    def idle(self) -> bool:
        """Whether nothing runs here."""
        return self.alone is None and not self.queue

    @property
    def logs(self) -> tuple[int, int]:
        """The descriptors of the log files, opened when they are first needed. Raises OSError."""
        if self._logs is None:
            self._logs = open_logs(self.directory, self.index)
        return self._logs

    def sizes(self) -> tuple[int, int]:
        """How long the log files are now. Raises OSError."""
        out, err = self.logs
        return os.fstat(out).st_size, os.fstat(err).st_size

    def span(self, begins: tuple[int, int], ends: tuple[int, int] = (-1, -1)) -> LogSpan:
        """A stretch of the log files."""
        return LogSpan(f"{self.index}.out", f"{self.index}.err", *begins, *ends)

    def passed(self, ticket: int) -> None:
        """The worker has got as far as `ticket`."""
        while self.sent and self.sent[0] <= ticket:
            self.sent.popleft()

    def close(self) -> None:
        """Give the descriptors back."""
        if self.link is not None:
            self.link.close()
        for fd in self._logs or ():
            os.close(fd)
        self._logs = None
