"""Values that nobody may read: kept out of all that this process and its children print, and out of texts about them.

`hide` says which values these are, for the rest of the process's life. What is printed goes through a helper process
from then on, in a process whose descriptors 1 and 2 are its own (`own_descriptors`), and through `sys.stdout` and
`sys.stderr` alone in any other. `settle` waits until all that was printed has arrived where it belongs.
"""

import contextlib
import json
import os
import re
import socket
import sys
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from flagstone.kit import mask_pump

HIDDEN = "***"
SHORTEST = 3  # characters; hiding less would make everything unreadable and hide nothing

LINE = 8  # likewise, of one line of a value that has several

_CUT = re.compile(r"\.\.\.|…")


class _State:
    """What this process hides."""

    def __init__(self) -> None:
        self.values: set[str] = set()
        self.pattern: re.Pattern[str] | None = None
        self.owns_descriptors = False
        self.pump: _Pump | None = None


class _Pump:
    """This process's end of the helper process that everything printed goes through."""

    def __init__(self) -> None:
        import subprocess  # brings threads, and few tasks have a secret

        self.process = os.getpid()
        ends = [os.pipe(), os.pipe()]
        kept = [os.dup(1), os.dup(2)]
        self._line, theirs = socket.socketpair()
        passed = (theirs.fileno(), ends[0][0], ends[1][0], *kept)
        self._helper = subprocess.Popen(
            [sys.executable, "-I", "-S", mask_pump.__file__, *map(str, passed)],
            pass_fds=passed,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # what ends the task's group must not end it before it has written everything
        )
        theirs.close()
        for number, (read, write) in enumerate(ends, 1):
            os.dup2(write, number)
            os.close(write)
            os.close(read)
        for fd in kept:
            os.close(fd)

    def tell(self, order: dict[str, Any]) -> None:
        """Give an order, and wait until it is done."""
        if os.getpid() != self.process:
            return  # in a child of the task: what it prints goes the same way, and ends when the task's does
        self._line.sendall(json.dumps(order).encode() + b"\n")
        self._line.recv(1)


_state = _State()


def own_descriptors() -> None:
    """From now on, descriptors 1 and 2 are what the code of a task prints to, and nothing else."""
    _state.owns_descriptors = True


def hide(values: Iterable[str]) -> None:
    """Let nobody read these values. One of less than `SHORTEST` characters cannot be hidden."""
    if not _state.owns_descriptors:
        _wrap_streams()
    new = {form for value in values for form in _forms(value)} - _state.values
    if not new:
        return
    _state.values |= new
    longest_first = sorted(_state.values, key=len, reverse=True)
    _state.pattern = re.compile("|".join(map(re.escape, longest_first)))
    if not _state.owns_descriptors:
        return
    _flush()
    if _state.pump is None:
        _state.pump = _Pump()
    _state.pump.tell({"hide": longest_first})


def masked(text: str) -> str:
    """A text with every hidden value as `***`."""
    return text if _state.pattern is None else _state.pattern.sub(HIDDEN, text)


def masked_preview(text: str) -> str:
    """The same for a text that was cut with `...` or `…`: what is left of a hidden value there is hidden too."""
    if _state.pattern is None:
        return text
    text = masked(text)
    parts = _CUT.split(text)
    cuts = _CUT.findall(text)
    for place in range(len(cuts)):
        parts[place] = _without_end(parts[place])
        parts[place + 1] = _without_begin(parts[place + 1])
    return "".join(part + cut for part, cut in zip(parts, [*cuts, ""], strict=True))


def settle() -> None:
    """Wait until what this process printed by now is where it belongs."""
    if _state.pump is not None:
        with contextlib.suppress(OSError):  # the helper was ended from outside: there is nothing to wait for
            _state.pump.tell({})


def _forms(value: str) -> Iterable[str]:
    """How a value may look when it is printed: as it is, line by line, in quotes, in JSON, in an address."""
    whole = {value, value.strip(), repr(value)[1:-1], json.dumps(value)[1:-1], quote(value, safe="")}
    lines = {line.strip() for line in value.splitlines()}
    return (*(form for form in whole if len(form) >= SHORTEST), *(line for line in lines if len(line) >= LINE))


def _without_end(text: str) -> str:
    """Without the beginning of a hidden value at its end, a quote or a bracket after it left aside."""
    for length in range(min(len(text), max(map(len, _state.values))), SHORTEST - 1, -1):
        if any(value.startswith(text[-length:]) for value in _state.values):
            return text[:-length] + HIDDEN
    return text


def _without_begin(text: str) -> str:
    for length in range(min(len(text), max(map(len, _state.values))), SHORTEST - 1, -1):
        if any(value.endswith(text[:length]) for value in _state.values):
            return HIDDEN + text[length:]
    return text


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):  # closed or replaced by the user's code
            stream.flush()


class _Masking:
    """A stream that lets through what is not hidden."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write it, masked."""
        self._stream.write(masked(text))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write them, masked."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _wrap_streams() -> None:
    for name in ("stdout", "stderr"):
        stream: Any = getattr(sys, name)
        if not isinstance(stream, _Masking):
            setattr(sys, name, _Masking(stream))
