"""Overwrites what tasks printed, byte for byte, and remembers which ranges were overwritten, beside the files."""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
from msgspec import Struct

from flagstone.kit.files import write_all
from flagstone.model import logs
from flagstone.model.errors import UnusableHome

MARKS = "scrubbed.jsonl"
MASK = b"*"
PIECE = 1 << 20

_PRINTED = re.compile(rb"[^\r\n]")


class Scrub(Struct, frozen=True):
    """One range of one file that was overwritten; `matches` when only what matched a pattern was."""

    file: str
    start: int
    end: int
    time: float
    user: str
    matches: bool = False


def everything(line: bytes) -> bytes:
    """A line with every byte masked but for its end."""
    return _PRINTED.sub(MASK, line)


def matching(pattern: re.Pattern[str]) -> Callable[[bytes], bytes]:
    """What masks the matches of a pattern in a line, and leaves the rest of it, and its length, as they are."""

    def mask(line: bytes) -> bytes:
        text = line.decode("utf-8", "surrogateescape")
        return pattern.sub(_stars, text).encode("utf-8", "surrogateescape")

    return mask


def _stars(found: re.Match[str]) -> str:
    return "".join(c if c in "\r\n" else "*" * len(c.encode("utf-8", "surrogateescape")) for c in found[0])


def overwrite(
    path: Path, start: int, end: int, mask: Callable[[bytes], bytes], before: Callable[[], None] = lambda: None
) -> int:
    """Mask the lines of a range of a file in place, durably; how many bytes changed. Raises UnusableHome.

    `before` is called before the first byte changes, if any does.
    """
    try:
        with path.open("r+b") as file:
            changed = 0
            for position, lines in _whole_lines(file.fileno(), start, end):
                masked = b"".join(map(mask, logs.lines(lines)))
                if masked != lines:
                    if not changed:
                        before()
                    changed += sum(one != other for one, other in zip(lines, masked, strict=True))
                    _write_at(file.fileno(), masked, position)
            os.fsync(file.fileno())
    except FileNotFoundError:
        return 0
    except OSError as error:
        raise UnusableHome(path=str(path), problem=error.strerror or str(error)) from error
    return changed


def _whole_lines(descriptor: int, start: int, end: int) -> Iterator[tuple[int, bytes]]:
    """Pieces of a range that end at the end of a line, each with its position."""
    position, rest = start, b""
    while position + len(rest) < end:
        data = os.pread(descriptor, min(PIECE, end - position - len(rest)), position + len(rest))
        if not data:
            break
        rest += data
        whole = rest.rfind(b"\n") + 1
        if whole:
            yield position, rest[:whole]
            position, rest = position + whole, rest[whole:]
    if rest:
        yield position, rest


def _write_at(descriptor: int, data: bytes, position: int) -> None:
    os.lseek(descriptor, position, os.SEEK_SET)
    write_all(descriptor, [data])


def remember(folder: Path, scrub: Scrub) -> None:
    """Note a scrub beside the files, durably. Raises UnusableHome."""
    path = folder / MARKS
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            write_all(descriptor, [msgspec.json.encode(scrub) + b"\n"])
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise UnusableHome(path=str(path), problem=error.strerror or str(error)) from error


def remembered(folder: Path) -> list[Scrub]:
    """The scrubs that were noted in a folder; a line that is torn is left out."""
    try:
        lines = (folder / MARKS).read_bytes().splitlines()
    except OSError:
        return []
    found = []
    for line in lines:
        try:
            found.append(msgspec.json.decode(line, type=Scrub))
        except msgspec.MsgspecError:
            continue
    return found
