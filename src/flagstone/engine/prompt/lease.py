"""The task's side: asks for the terminal when there is something to say, and gives it back."""

import contextlib
import json
import os
import signal
import socket
from collections.abc import Iterator
from typing import TextIO

from flagstone.engine.prompt.desk import desk_here
from flagstone.kit.terminal import as_own_streams
from flagstone.model.errors import NoTerminal


class Lease:
    """The terminal of the run, had from the first word on until `give_back`; a file object for what is written."""

    def __init__(self, address: str, step: str, number: int) -> None:
        self.waiting = 0  # how many others waited for the terminal when this task got it
        self._address = address
        self._step = step
        self._number = number
        self._held = contextlib.ExitStack()
        self._tty: int | None = None
        self._out: TextIO | None = None

    @property
    def is_here(self) -> bool:
        """Whether this task has the terminal."""
        return self._tty is not None

    def take(self) -> int:
        """Wait for the terminal, unless it is here already; returns its descriptor. Raises NoTerminal."""
        if self._tty is None:
            self._held.enter_context(_alarm_stands_still())
            desk = desk_here(self._address)
            if desk is not None:
                self._tty, self.waiting = self._held.enter_context(desk.here(self._step, self._number))
            else:
                self._tty, self.waiting = self._held.enter_context(self._asked())
        return self._tty

    def give_back(self) -> None:
        """The next one may have it; harmless when it is not here."""
        if self._out is not None:
            with contextlib.suppress(OSError):
                self._out.close()
        self._out = self._tty = None
        self._held.pop_all().close()

    @contextlib.contextmanager
    def talking(self) -> Iterator[None]:
        """While it lasts stdin, stdout and stderr are the terminal."""
        self.flush()
        with as_own_streams(self.take()):
            yield

    def write(self, text: str) -> int:
        """Write to the terminal."""
        if self._out is None:
            fd = os.dup(self.take())
            self._out = os.fdopen(fd, "w", encoding="utf-8", errors="backslashreplace", buffering=1)
        return self._out.write(text)

    def flush(self) -> None:
        """Hand over what waits."""
        if self._out is not None:
            self._out.flush()

    @contextlib.contextmanager
    def _asked(self) -> Iterator[tuple[int, int]]:
        """Ask the engine; closing the socket gives the terminal back, as the end of this process does."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
            try:
                link.connect(self._address)
                asked = {"step": self._step, "number": self._number, "pid": os.getpid()}
                link.sendall(json.dumps(asked).encode() + b"\n")
                answer, fds, _, _ = socket.recv_fds(link, 4096, 1)
            except OSError:
                answer, fds = b"", []
            if not fds:
                raise NoTerminal(what="a prompt")
            try:
                yield fds[0], json.loads(answer)["waiting"]
            finally:
                os.close(fds[0])


@contextlib.contextmanager
def _alarm_stands_still() -> Iterator[None]:
    """While it lasts no time limit of the step runs out: a person may think as long as they like."""
    clock = getattr(signal, "ITIMER_REAL", None)  # not on every system
    if clock is None:
        yield
        return
    left, interval = signal.setitimer(clock, 0)
    try:
        yield
    finally:
        if left:
            signal.setitimer(clock, left, interval)
