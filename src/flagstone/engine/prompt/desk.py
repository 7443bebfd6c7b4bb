"""The engine's side: lends the terminal of a run to one task at a time; the others wait for their turn."""

import contextlib
import json
import os
import selectors
import signal
import socket
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path

from flagstone.kit import clock, terminal
from flagstone.model.events import PromptClosed, PromptOpened

LONGEST = 100  # characters of a socket's path; the system takes a few more

_desks: dict[str, "Desk"] = {}  # by address: a task in the engine's own process asks without a socket


class Visitor:
    """One task that asked for the terminal: its socket, and once it has said so who it is."""

    __slots__ = ("link", "number", "pid", "said", "since", "step")

    def __init__(self, link: socket.socket | None) -> None:
        self.link = link
        self.since = clock.monotonic()
        self.said = b""
        self.step = ""
        self.number = 0
        self.pid = 0

    def hear(self, data: bytes) -> bool:
        """Take what arrived; True once it is known who asks."""
        self.said += data
        if not self.said.endswith(b"\n"):
            return False
        asked = json.loads(self.said)
        self.step, self.number, self.pid = asked["step"], asked["number"], asked["pid"]
        return True


class Desk:
    """The terminal, and who waits for it. `announce` is told when a task is about to get it and when it is back."""

    def __init__(self, tty: int, listener: socket.socket, address: str, own_folder: str | None) -> None:
        self.announce: Callable[[PromptOpened | PromptClosed], None] = lambda _event: None
        self.address = address
        self._own_folder = own_folder
        self._tty = tty
        self._listener = listener
        self._pid = os.getpid()
        self._selector = selectors.DefaultSelector()
        self._selector.register(listener, selectors.EVENT_READ)
        self._strangers: list[Visitor] = []
        self._waiting: deque[Visitor] = deque()
        self._holder: Visitor | None = None
        self._modes: list[object] = []
        _desks[address] = self

    @classmethod
    def open(cls, folder: Path) -> "Desk | None":
        """A desk for the terminal that this process was started in, its socket in `folder`; None without a terminal."""
        tty = terminal.open_terminal()
        if tty is None:
            return None
        path = str(folder / f"terminal.{os.getpid()}")
        own = None
        if len(path) > LONGEST:
            import tempfile  # brings random, which every fork would pay for

            own = tempfile.mkdtemp(prefix="flagstone-")
        path = path if own is None else os.path.join(own, "terminal")
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)  # of a process of this number, long gone
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(path)
        listener.listen(128)
        listener.setblocking(False)
        return cls(tty, listener, path, own)

    @property
    def lent(self) -> bool:
        """Whether a task has the terminal now."""
        return self._holder is not None

    @property
    def visitors(self) -> frozenset[int]:
        """The numbers of the tasks that have the terminal or wait for it: their time stands still."""
        holder = [self._holder] if self._holder is not None else []
        return frozenset(visitor.number for visitor in (*holder, *self._waiting))

    def filenos(self) -> Sequence[int]:
        """Descriptors that turn readable when `attend` has something to do."""
        fileno = getattr(self._selector, "fileno", None)  # not on every system; the loop comes by anyhow
        return () if fileno is None else (fileno(),)

    def attend(self, started: Collection[int]) -> None:
        """Hear who asks and who is done, and lend the terminal to the next of the `started` tasks; never blocks."""
        for key, _ in self._selector.select(0):
            if key.fileobj is self._listener:
                self._greet()
            else:
                self._hear(key.data)
        following = next((visitor for visitor in self._waiting if visitor.number in started), None)
        if self._holder is None and following is not None and terminal.is_in_foreground(self._tty):
            self._waiting.remove(following)
            self._lend(following)

    def interrupt(self) -> bool:
        """Ctrl-C: hand it to the task that has the terminal; False when there is none."""
        if self._holder is None:
            return False
        if self._holder.pid == os.getpid():
            raise KeyboardInterrupt
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._holder.pid, signal.SIGINT)
        return True

    def close(self) -> None:
        """Let everybody go and give everything back."""
        for visitor in (*self._strangers, *self._waiting, *([self._holder] if self._holder is not None else [])):
            if visitor.link is not None:
                visitor.link.close()
        if self._holder is not None:
            terminal.restore(self._tty, self._modes)
        self._selector.close()
        self._listener.close()
        os.close(self._tty)
        with contextlib.suppress(OSError):
            os.unlink(self.address)
            if self._own_folder is not None:
                os.rmdir(self._own_folder)
        _desks.pop(self.address, None)

    @contextlib.contextmanager
    def here(self, step: str, number: int) -> Iterator[tuple[int, int]]:
        """Lend the terminal to a task that runs in this very process: its descriptor, and how many others wait."""
        visitor = Visitor(None)
        visitor.step, visitor.number, visitor.pid = step, number, os.getpid()
        self._begin(visitor)
        try:
            yield self._tty, len(self._waiting)
        finally:
            self._end()

    # --- visitors --------------------------------------------------------------------------------------------

    def _greet(self) -> None:
        with contextlib.suppress(BlockingIOError):
            link, _ = self._listener.accept()
            link.setblocking(False)
            visitor = Visitor(link)
            self._strangers.append(visitor)
            self._selector.register(link, selectors.EVENT_READ, visitor)

    def _hear(self, visitor: Visitor) -> None:
        link = visitor.link
        try:
            data = link.recv(4096) if link is not None else b""
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._leave(visitor)
        elif visitor in self._strangers and visitor.hear(data):
            self._strangers.remove(visitor)
            self._waiting.append(visitor)

    def _leave(self, visitor: Visitor) -> None:
        """A visitor is done, or its process is gone."""
        if visitor.link is not None:
            self._selector.unregister(visitor.link)
            visitor.link.close()
        if visitor in self._strangers:
            self._strangers.remove(visitor)
        if visitor in self._waiting:
            self._waiting.remove(visitor)
        if visitor is self._holder:
            self._end()

    def _lend(self, visitor: Visitor) -> None:
        self._begin(visitor)
        answer = json.dumps({"waiting": len(self._waiting)}).encode()
        if visitor.link is not None:
            try:
                socket.send_fds(visitor.link, [answer], [self._tty])
            except OSError:
                self._leave(visitor)

    def _begin(self, visitor: Visitor) -> None:
        self._holder = visitor
        self.announce(PromptOpened(time=clock.now(), step=visitor.step, number=visitor.number))
        self._modes = terminal.modes(self._tty)

    def _end(self) -> None:
        visitor, self._holder = self._holder, None
        terminal.restore(self._tty, self._modes)
        if visitor is not None:
            seconds = clock.monotonic() - visitor.since
            self.announce(PromptClosed(time=clock.now(), step=visitor.step, number=visitor.number, seconds=seconds))


def desk_here(address: str) -> Desk | None:
    """The desk at an address when it was opened by this very process; None when it is another's."""
    found = _desks.get(address)
    return found if found is not None and found._pid == os.getpid() else None
