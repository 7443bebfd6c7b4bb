"""The terminal that a program was started in: found, and made a process's own streams for a while."""

import contextlib
import os
import sys
from collections.abc import Iterator

_STREAMS = ("stdin", "stdout", "stderr")


def open_terminal() -> int | None:
    """A new descriptor of the terminal that stdin is, to read and to write; None when stdin is none."""
    name = getattr(os, "ttyname", None)  # not on every system
    try:
        if name is None or not os.isatty(0):
            return None
        return os.open(name(0), os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        return None


def is_at_hand() -> bool:
    """Whether there is a terminal to ask a person at."""
    fd = open_terminal()
    if fd is not None:
        os.close(fd)
    return fd is not None


def is_in_foreground(terminal: int) -> bool:
    """Whether this process may use a terminal now: not while it runs in the background of a shell."""
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:  # another session's: no shell divides it up
        return True


def modes(terminal: int) -> list[object]:
    """How a terminal is set (echo, whole lines, ...), for `restore`."""
    import termios  # not on every system

    try:
        return list(termios.tcgetattr(terminal))
    except termios.error:
        return []


def restore(terminal: int, before: list[object]) -> None:
    """Set a terminal as it was; harmless when it is gone or belongs to another job by now."""
    import termios

    if before and is_in_foreground(terminal):
        with contextlib.suppress(termios.error):
            termios.tcsetattr(terminal, termios.TCSADRAIN, before)  # type: ignore[arg-type]  # as `modes` gave it


@contextlib.contextmanager
def as_own_streams(terminal: int) -> Iterator[None]:
    """While it lasts stdin, stdout and stderr are this terminal, for Python, for C code and for child processes."""
    before = [getattr(sys, name) for name in _STREAMS]
    for stream in before[1:]:
        with contextlib.suppress(OSError, ValueError, AttributeError):  # closed or replaced
            stream.flush()
    kept = [os.dup(number) for number in range(3)]
    for number in range(3):
        os.dup2(terminal, number)
    for number, name in enumerate(_STREAMS):
        mode = "w" if number else "r"
        stream = open(number, mode, encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115 - until the end
        setattr(sys, name, stream)
    try:
        yield
    finally:
        for number, name in enumerate(_STREAMS):
            with contextlib.suppress(OSError, ValueError):
                getattr(sys, name).flush()
            setattr(sys, name, before[number])
        for number, fd in enumerate(kept):
            os.dup2(fd, number)
            os.close(fd)
