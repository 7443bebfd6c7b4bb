"""A person at a real terminal: starts a program there, waits for what it shows, and types."""

import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.acceptance.household import Household

PROMPT = "(Pdb) "
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_OWN_TERMINAL = (  # the program becomes one whose terminal this is, as if a shell had started it
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
    "os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
)


class Keyboard:
    """The person's end of the terminal."""

    def __init__(self, fd: int, process: "subprocess.Popen[bytes]") -> None:
        self._fd = fd
        self._process = process
        self._mark = 0
        self.seen = ""  # all that was shown, without colours and movements of the cursor

    def expect(self, text: str, seconds: float = 60) -> str:
        """Wait until `text` is shown, after what was waited for before; returns what came up to it."""
        end = time.monotonic() + seconds
        while text not in self.seen[self._mark :]:
            assert time.monotonic() < end, f"waited {seconds} s for {text!r}, saw:\n{self.seen}"
            assert self._read(), f"it ended without {text!r}, saw:\n{self.seen}"
        at = self.seen.index(text, self._mark)
        found, self._mark = self.seen[self._mark : at], at + len(text)
        return found

    def type(self, text: str) -> None:
        """Press keys."""
        os.write(self._fd, text.encode())

    def press_until(self, keys: str, text: str, seconds: float = 60) -> None:
        """Press keys, again every second, until `text` is shown: readline may miss a signal between two reads."""
        end = time.monotonic() + seconds
        while text not in self.seen[self._mark :]:
            assert time.monotonic() < end, f"pressed {keys!r} for {seconds} s, saw:\n{self.seen}"
            self.type(keys)
            again = time.monotonic() + 1
            while text not in self.seen[self._mark :] and time.monotonic() < again:
                assert self._read(), f"it ended without {text!r}, saw:\n{self.seen}"
        self.expect(text)

    def answer(self, prompt: str, text: str) -> None:
        """Wait for a prompt, then type a line."""
        self.expect(prompt)
        self.type(f"{text}\n")

    def leaves(self, seconds: float = 60) -> int:
        """Wait for the end of the program; returns its exit status."""
        end = time.monotonic() + seconds
        while self._read():
            assert time.monotonic() < end, f"it goes on after {seconds} s, saw:\n{self.seen}"
        return self._process.wait(seconds)

    def _read(self) -> bool:
        """Take what is there, or wait a moment for it; False at the end."""
        ready, _, _ = select.select([self._fd], [], [], 0.2)
        if not ready:
            return True
        try:
            data = os.read(self._fd, 65536)
        except OSError:
            return False
        self.seen += _ESCAPES.sub("", data.decode("utf-8", "replace").replace("\r\n", "\n"))
        return bool(data)


@contextmanager
def at_terminal(house: Household, *words: object, **environment: str) -> Iterator[Keyboard]:
    """`python WORDS` in a terminal of its own; killed with the test."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", _OWN_TERMINAL, *map(str, words)],
        cwd=house.work,
        env={**house.environment, "TERM": "xterm", **environment},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    try:
        yield Keyboard(ours, process)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(20)
        os.close(ours)
