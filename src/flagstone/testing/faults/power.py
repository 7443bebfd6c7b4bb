"""A power cut: the directory as a disk may have it that lost all that nobody had flushed."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from flagstone.testing.faults.recording import Change, read_recording

LOSSES: Final = ("all", "content", "half")


def cuts(recording: Path) -> range:
    """The moments at which the power may go: `rebuild` takes each, from before the first change to after the last."""
    return range(len(read_recording(recording)) + 1)


def rebuild(recording: Path, cut: int, source: Path, target: Path, *, lost: str = "all") -> None:
    """Make in `target` what the disk has of `source` when the power goes after `cut` changes.

    Flushed content, and names in flushed directories, are there. Of the rest, `lost` says what the disk lost: "all" of
    it; the "content" alone, so that new names lead to empty files; or the second "half" of that content.
    The database is as its last commit left it; then the log of SQLite also has half of what the next commit wrote.
    """
    if lost not in LOSSES:
        raise ValueError(f"lost={lost!r}; it can be {', '.join(LOSSES)}")
    changes = read_recording(recording)
    disk = _Disk(os.path.realpath(source))
    for change in changes[:cut]:
        disk.take(change)
    later = next((change for change in changes[cut:] if change.kind == "database"), None)
    target.mkdir(parents=True, exist_ok=True)
    for path, content, time in disk.left(lost, later):
        place = target / os.path.relpath(path, disk.root)
        if content is None:
            place.mkdir(exist_ok=True)
            continue
        place.write_bytes(content)
        if time:
            os.utime(place, ns=(time, time))


class _File:
    """What a file holds, and what of it was flushed."""

    def __init__(self) -> None:
        self.content = bytearray()
        self.flushed = b""
        self.time = self.flushed_time = 0

    def flush(self) -> None:
        self.flushed, self.flushed_time = bytes(self.content), self.time


class _Folder:
    """The names in a directory, and those that were there when it was flushed."""

    def __init__(self) -> None:
        self.names: dict[str, _File | _Folder] = {}
        self.flushed: dict[str, _File | _Folder] = {}

    def flush(self) -> None:
        self.flushed = dict(self.names)


class _Disk:
    """A tree of directories and files that takes changes."""

    def __init__(self, root: str) -> None:
        self.root = root
        self._top = _Folder()
        self._databases: dict[str, Change] = {}

    def take(self, change: Change) -> None:
        folder, name = self._find(change.path)
        if folder is None or not (name or change.kind == "sync"):
            return
        there = folder.names.get(name) if name else folder
        match change.kind:
            case "create":
                folder.names[name] = _File()
            case "mkdir":
                folder.names.setdefault(name, _Folder())
            case "unlink" | "rmdir":
                folder.names.pop(name, None)
            case "rename":
                other, new = self._find(change.other)
                if there is not None and other is not None:
                    other.names[new] = folder.names.pop(name)
            case "sync" if there is not None:
                there.flush()
            case "database":
                self._databases[change.path] = change
                folder.flush()  # SQLite flushes the directory of a log that it has made
            case _ if isinstance(there, _File):
                _change(there, change)
            case _:
                pass

    def left(self, lost: str, later: Change | None) -> Iterator[tuple[str, bytes | None, int]]:
        """Paths with content (None: a directory) and time, parents first."""
        yield from _walk(self._top, self.root, lost, set(self._databases))
        for path, change in self._databases.items():
            yield path, change.data, 0
            more = change.more
            if lost == "half" and later is not None and later.path == path and later.more.startswith(more):
                more = later.more[: (len(more) + len(later.more)) // 2]
            if more:
                yield f"{path}-wal", more, 0

    def _find(self, path: str) -> tuple[_Folder | None, str]:
        """The directory that holds `path`, and its name there; no name for the root itself."""
        relative = os.path.relpath(path, self.root)
        if relative == ".":
            return self._top, ""
        folder = self._top
        *parts, name = relative.split(os.sep)
        for part in parts:
            inner = folder.names.get(part)
            if not isinstance(inner, _Folder):
                return None, name
            folder = inner
        return folder, name


def _change(file: _File, change: Change) -> None:
    if change.kind == "write":
        end = change.offset + len(change.data)
        file.content.extend(bytes(max(0, change.offset - len(file.content))))
        file.content[change.offset : end] = change.data
    elif change.kind == "size":
        file.content[change.offset :] = bytes(max(0, change.offset - len(file.content)))
    elif change.kind == "time":
        file.time = change.offset


def _walk(folder: _Folder, path: str, lost: str, databases: set[str]) -> Iterator[tuple[str, bytes | None, int]]:
    for name, inner in (folder.flushed if lost == "all" else folder.names).items():
        place = os.path.join(path, name)
        if isinstance(inner, _Folder):
            yield place, None, 0
            yield from _walk(inner, place, lost, databases)
        elif place not in databases:
            kept = inner.flushed
            if lost == "half" and bytes(inner.content) != kept:
                kept = bytes(inner.content[: (len(kept) + len(inner.content)) // 2])
            yield place, kept, inner.flushed_time
