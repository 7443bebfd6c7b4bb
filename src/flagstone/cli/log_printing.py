"""How lines that tasks printed are shown: plain, behind a prefix that tells them apart, or as JSON; all, or some."""

import re
import time
from collections.abc import Iterator

import click

from flagstone.cli.facts import iso, local
from flagstone.cli.heavy import heavy
from flagstone.cli.log_reading import Piece, prefixed
from flagstone.cli.output import say_bytes
from flagstone.model import logs
from flagstone.model.records import TaskRecord


def pattern(text: str, option: str = "--grep") -> re.Pattern[str]:
    """A regular expression that a person typed. Raises click.BadParameter."""
    try:
        return re.compile(text)
    except re.error as error:
        raise click.BadParameter(
            f"{text[:60]!r} is no regular expression: {error}; a backslash takes a character as it is, as in \\[",
            param_hint=option,
        ) from None


class Printer:
    """Prints pieces of output, and knows whether it printed any."""

    def __init__(
        self, *, several: bool, timestamps: bool = False, grep: re.Pattern[str] | None = None, as_json: bool = False
    ) -> None:
        self.printed = False
        self._several = several
        self._timestamps = timestamps
        self._grep = grep
        self._as_json = as_json

    def __call__(self, task: TaskRecord, piece: Piece) -> None:
        """Print what is wanted of a piece."""
        data = piece.data if self._grep is None else b"".join(self._matching(piece.data))
        if not data:
            return
        self.printed = True
        if self._as_json:
            for line in logs.lines(data):
                say_bytes(heavy("json")(_facts(task, piece, line)) + b"\n")
            return
        say_bytes(prefixed(data, self._prefix(task, piece).encode()))

    def _matching(self, data: bytes) -> Iterator[bytes]:
        grep = self._grep
        assert grep is not None
        return (line for line in logs.lines(data) if grep.search(_text(line)))

    def _prefix(self, task: TaskRecord, piece: Piece) -> str:
        moment = f"{local(piece.time or time.time())} " if self._timestamps else ""
        return f"{moment}[{task.id.step}/{task.id.number}] " if self._several else moment


def _text(line: bytes) -> str:
    return line.removesuffix(b"\n").decode("utf-8", "replace")


def _facts(task: TaskRecord, piece: Piece, line: bytes) -> dict[str, object]:
    return {
        "task": str(task.id),
        "attempt": task.attempt,
        "time": iso(piece.time or time.time()),
        "stream": piece.stream,
        "line": _text(line),
    }
