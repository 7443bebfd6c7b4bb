"""Puts itself between this process, with all that it forks, and the system: `inject`."""

import contextlib
import os
import sqlite3
import stat
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from flagstone.testing.faults.kinds import Fault
from flagstone.testing.faults.log import ActionLog
from flagstone.testing.faults.recording import Change, Recording
from flagstone.testing.faults.striking import Striker

_FILES: Final = ("open", "mkdir", "rmdir", "unlink", "remove", "rename", "replace", "link", "utime")
_DESCRIPTORS: Final = ("write", "writev", "pwrite", "fsync", "fdatasync", "ftruncate", "posix_fallocate", "fchmod")
_REAL: Final[dict[str, Callable[..., Any]]] = {
    name: getattr(os, name) for name in (*_FILES, *_DESCRIPTORS, "fork", "_exit") if hasattr(os, name)
}


@contextlib.contextmanager
def inject(*faults: Fault, log: Path, under: Path | None = None, record: Path | None = None) -> Iterator[None]:
    """Record every action of this process, and of what it forks meanwhile, in `log`; let `faults` strike.

    With `under`, only files below that directory count. With `record`, what changes there is written down as well, so
    that `rebuild` can play a power cut. Actions of C code and of `open(...).write` are not seen, nor are processes that
    start a fresh interpreter. Linux only.
    """
    actions = ActionLog(log)
    recording = Recording(record) if record is not None else None
    interception = _Interception(Striker(faults, actions), under, recording)
    interception.install()
    try:
        yield
    finally:
        interception.remove()
        actions.close()
        if recording is not None:
            recording.close()


class _Interception:
    """The functions that stand in for those of the system."""

    def __init__(self, striker: Striker, under: Path | None, recording: Recording | None) -> None:
        self._striker = striker
        self._under = os.path.realpath(under) if under is not None else ""
        self._recording = recording
        self._undo: list[Callable[[], None]] = []

    def install(self) -> None:
        import fcntl  # where faults work, there is one

        for name in _FILES:
            self._put(os, name, self._on_path(name))
        for name in _DESCRIPTORS:
            if name in _REAL:
                self._put(os, name, self._on_descriptor(name))
        self._put(os, "fork", self._fork)
        self._put(os, "_exit", self._exit)
        self._put(fcntl, "flock", self._flock(fcntl.flock))
        self._put(time, "time", self._striker.now)
        self._put(sqlite3, "connect", self._connect(sqlite3.connect))

    def remove(self) -> None:
        while self._undo:
            self._undo.pop()()

    def _put(self, module: Any, name: str, function: Callable[..., Any]) -> None:
        before = getattr(module, name)
        self._undo.append(lambda: setattr(module, name, before))
        setattr(module, name, function)

    # --- files -----------------------------------------------------------------------------------------------

    def _counts(self, path: str) -> bool:
        return not self._under or path == self._under or path.startswith(self._under + os.sep)

    def _shown(self, path: str) -> str:
        return path[len(self._under) + 1 :] if self._under else path

    def _on_path(self, name: str) -> Callable[..., Any]:
        real, kind = _REAL[name], _KIND.get(name, name)

        def stand_in(path: Any, *words: Any, **named: Any) -> Any:
            where = "" if isinstance(path, int) else _whole(path)
            flags = words[0] if words else named.get("flags", 0)
            looks = name == "open" and not flags & (os.O_CREAT | os.O_WRONLY | os.O_RDWR)
            if looks or not where or "dir_fd" in named or not self._counts(where):
                return real(path, *words, **named)
            there = os.path.lexists(where)

            def changes(_: object) -> list[Change]:
                return _changes_of_path(name, where, there, words, named)

            to = f" -> {self._shown(_whole(words[0]))}" if kind == "rename" else ""
            return self._act(kind, self._shown(where) + to, lambda: real(path, *words, **named), changes)

        return stand_in

    def _on_descriptor(self, name: str) -> Callable[..., Any]:
        real, kind = _REAL[name], _KIND.get(name, name)

        def stand_in(fd: int, *words: Any) -> Any:
            mode = os.fstat(fd).st_mode
            if stat.S_ISSOCK(mode) and kind == "write":
                total = sum(map(len, words[0])) if name == "writev" else len(words[0])
                return self._striker.act("send", f"{fd}", lambda: real(fd, *words), lost=lambda: total)
            if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
                return real(fd, *words)
            where = os.readlink(f"/proc/self/fd/{fd}")
            if not self._counts(where):
                return real(fd, *words)
            place = _place(fd, name, words, where) if self._recording is not None else 0

            def changes(result: Any) -> list[Change]:
                return _changes_of_descriptor(name, where, place, words, result)

            half = _half(name, fd, words) if kind == "write" else None
            return self._act(kind, self._shown(where), lambda: real(fd, *words), changes, half)

        return stand_in

    def _act(
        self,
        kind: str,
        shown: str,
        do: Callable[[], Any],
        changes: Callable[[Any], list[Change]],
        half: Callable[[], object] | None = None,
    ) -> Any:
        recording = self._recording
        if recording is None:
            return self._striker.act(kind, shown, do, half=half)
        return self._striker.act(kind, shown, lambda: recording.during(do, changes), half=half)

    def _flock(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def stand_in(fd: Any, operation: int) -> Any:
            number = fd if isinstance(fd, int) else fd.fileno()
            where = os.readlink(f"/proc/self/fd/{number}")
            if not self._counts(where):
                return real(fd, operation)
            return self._act("lock", self._shown(where), lambda: real(fd, operation), lambda _: [])

        return stand_in

    # --- processes -------------------------------------------------------------------------------------------

    def _fork(self) -> int:
        pid: int = self._striker.act("fork", "", self._fork_and_know)
        return pid

    def _fork_and_know(self) -> int:
        pid: int = _REAL["fork"]()
        if pid == 0:
            self._striker.forked()
            if self._recording is not None:
                self._recording.forked()
            self._striker.act("born", "", lambda: None)
        return pid

    def _exit(self, status: int) -> None:
        self._striker.act("exit", str(status), lambda: _REAL["_exit"](status))

    # --- the database ----------------------------------------------------------------------------------------

    def _connect(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def stand_in(database: Any, *words: Any, **named: Any) -> Any:
            where = _whole(database) if database != ":memory:" else ""
            if not where or not self._counts(where):
                return real(database, *words, **named)
            return real(database, *words, factory=self._connection_to(where), **named)

        return stand_in

    def _connection_to(self, where: str) -> type[sqlite3.Connection]:
        def act(kind: str, do: Callable[[], Any]) -> Any:
            return self._act(
                kind, self._shown(where), do, lambda _: _database(where) if kind in ("commit", "close") else []
            )

        class Connection(sqlite3.Connection):
            """Tells of its transactions."""

            def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
                if sql.startswith("BEGIN") or self.in_transaction:
                    kind = "begin" if sql.startswith("BEGIN") else "statement"
                    found: sqlite3.Cursor = act(kind, lambda: super(Connection, self).execute(sql, *values))
                    return found
                return super().execute(sql, *values)

            def executemany(self, sql: str, values: Any) -> sqlite3.Cursor:
                found: sqlite3.Cursor = act("statement", lambda: super(Connection, self).executemany(sql, values))
                return found

            def commit(self) -> None:
                act("commit", super().commit)

            def close(self) -> None:
                act("close", super().close)

        return Connection


_KIND: Final = {
    "writev": "write",
    "pwrite": "write",
    "fdatasync": "fsync",
    "ftruncate": "allocate",
    "posix_fallocate": "allocate",
    "fchmod": "set",
    "utime": "set",
    "rmdir": "unlink",
    "remove": "unlink",
    "replace": "rename",
    "link": "rename",
}


def _half(name: str, fd: int, words: Sequence[Any]) -> Callable[[], object]:
    """Writes the first half of what a write was to write."""
    data = b"".join(words[0]) if name == "writev" else bytes(words[0])
    begin = data[: len(data) // 2]
    return lambda: _REAL["pwrite"](fd, begin, words[1]) if name == "pwrite" else _REAL["write"](fd, begin)


def _whole(path: Any) -> str:
    folder, name = os.path.split(os.path.abspath(os.fsdecode(path)))
    return os.path.join(os.path.realpath(folder), name)


def _place(fd: int, name: str, words: Sequence[Any], where: str) -> int:
    """Where in the file a write will begin."""
    if name == "pwrite":
        return int(words[1])
    if name in ("write", "writev"):
        import fcntl

        if fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_APPEND:
            return os.stat(where).st_size if os.path.exists(where) else 0
        return os.lseek(fd, 0, os.SEEK_CUR)
    return 0


def _changes_of_path(name: str, where: str, there: bool, words: Sequence[Any], named: dict[str, Any]) -> list[Change]:
    if name == "open":
        if not there:
            return [Change("create", where)]
        return [Change("size", where, 0)] if words and words[0] & os.O_TRUNC else []
    if name in ("rename", "replace"):
        return [Change("rename", where, other=_whole(words[0]))]
    if name == "utime" and "ns" in named:
        return [Change("time", where, int(named["ns"][1]))]
    if name in ("unlink", "remove"):
        return [Change("unlink", where)]
    return [Change(name, where)] if name in ("mkdir", "rmdir") else []


def _changes_of_descriptor(name: str, where: str, place: int, words: Sequence[Any], result: Any) -> list[Change]:
    if name in ("write", "writev", "pwrite"):
        data = b"".join(words[0]) if name == "writev" else bytes(words[0])
        return [Change("write", where, place, data[:result])]
    if name in ("fsync", "fdatasync"):
        return [Change("sync", where)]
    return [Change("size", where, os.stat(where).st_size)] if name in ("ftruncate", "posix_fallocate") else []


def _database(where: str) -> list[Change]:
    """After a commit or a close: what SQLite has flushed, by its own rules, is what is in its files now."""
    log = Path(where + "-wal")
    content = Path(where).read_bytes()
    return [Change("database", where, data=content, more=log.read_bytes() if log.exists() else b"")]
