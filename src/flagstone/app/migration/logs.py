"""The output of an old attempt: lines that each carry their time, taken apart into text and times."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from flagstone.app.migration.layout import Damaged, OldAttempt
from flagstone.model import logs

STREAMS = ("stdout", "stderr")

# [MFLOG|0|2026-11-25T06:41:32.322023Z|runtime|<id>]what was printed
_LINE = re.compile(rb"\[MFLOG\|\d+\|(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?)Z\|(\w+)\|([\w-]+)\](.*)", re.DOTALL)


class Line(NamedTuple):
    """One line of output."""

    time: float
    stream: str
    data: bytes


class Output(NamedTuple):
    """What an attempt printed, and when which part of it was written (see `model.logs`)."""

    stdout: bytes
    stderr: bytes
    stamps: bytes


def output_of(attempt: OldAttempt) -> Output:
    """The output of an attempt, of all who wrote it, in the order of time. Raises Damaged."""
    lines: list[Line] = []
    for stream in STREAMS:
        seen: set[bytes] = set()
        for source in ("runtime", "task"):
            path = attempt.file(f"{source}_{stream}.log")
            lines += _lines(_read(path), stream, seen, attempt.started)
    lines.sort(key=lambda line: line.time)
    written = dict.fromkeys(STREAMS, 0)
    samples: list[tuple[float, int, int]] = []
    for line in lines:
        written[line.stream] += len(line.data)
        if samples and samples[-1][0] == line.time:
            samples.pop()
        samples.append((line.time, written["stdout"], written["stderr"]))
    return Output(_joined(lines, "stdout"), _joined(lines, "stderr"), logs.pack(samples))


def _joined(lines: Iterable[Line], stream: str) -> bytes:
    return b"".join(line.data for line in lines if line.stream == stream)


def _lines(data: bytes, stream: str, seen: set[bytes], time: float) -> Iterable[Line]:
    """The lines of a file; one that stands in two files, under one id, counts once."""
    for whole in logs.lines(data):
        match = _LINE.fullmatch(whole)
        text = whole
        if match is not None:
            told, _, key, text = match.groups()
            if key in seen:
                continue
            seen.add(key)
            time = datetime.fromisoformat(told.decode()).replace(tzinfo=UTC).timestamp()
        yield Line(time, stream, text if text.endswith(b"\n") else text + b"\n")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise Damaged(f"{path}: {error.strerror}") from None
