"""Metadata in one SQLite file, in WAL mode: readers and the writer never wait for each other."""

import os
import sqlite3
import time
from _thread import get_ident
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn, TypeVar

from flagstone.kit.files import private_directory
from flagstone.metadata.database import Row, Values
from flagstone.metadata.dialect import SQLITE, migration, newest_version
from flagstone.metadata.run_locks import RunLocks
from flagstone.metadata.sql_store import SqlMetadataStore
from flagstone.model.errors import (
    CorruptDatabase,
    NewerFormat,
    StorageFull,
    UnusableHome,
    WriteConflict,
)

_T = TypeVar("_T")

_PATIENCE = 60.0  # seconds that a statement waits for another process
_PAUSE = 0.01
_NO_ROOM = 1 << 20  # bytes; with less than this left on the disk, an I/O error is taken for a full disk

# Full: a commit is on the disk when it returns. The log is folded back into the file every 16 MiB, and cut to that.
_SETTINGS = (
    "PRAGMA synchronous = FULL",
    "PRAGMA wal_autocheckpoint = 4000",
    "PRAGMA journal_size_limit = 16777216",
    "PRAGMA cache_size = -16384",
    "PRAGMA temp_store = MEMORY",
)


class SqliteMetadataStore(SqlMetadataStore):
    """Implements `ports.metadata_store` on the file `path`; the locks of running runs lie in `locks`."""

    def __init__(self, path: Path, locks: Path) -> None:
        super().__init__(SqliteDatabase(path), RunLocks(locks))


class SqliteDatabase:
    """One file, and a connection for each process and thread that uses it, opened when it is first needed.

    A connection does not survive a fork, so that of the parent is neither used nor closed in the child.
    """

    dialect = SQLITE

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connections: dict[tuple[int, int], sqlite3.Connection] = {}

    def read(self, sql: str, values: Values) -> list[Row]:
        """The rows of one statement, all from one moment."""
        return self._patiently(lambda: self._connection().execute(sql, values).fetchall())

    @contextmanager
    def write(self) -> Iterator["SqliteTransaction"]:
        """A transaction that no other writer overlaps; durable when the block is left, undone when it raises."""
        connection = self._patiently(self._begin)
        try:
            try:
                yield SqliteTransaction(connection)
            except BaseException:
                connection.rollback()  # harmless where SQLite did it already
                raise
            connection.commit()
        except sqlite3.Error as error:
            connection.rollback()
            _explain(error, self._path)

    def problems(self) -> list[str]:
        """What `quick_check` finds: damaged pages, rows out of place."""
        found = [str(row[0]) for row in self.read("PRAGMA quick_check(20)", {})]
        return [] if found == ["ok"] else [line for text in found for line in text.splitlines()]

    def close(self) -> None:
        """Close the connections of this process."""
        for key in [key for key in self._connections if key[0] == os.getpid()]:
            self._connections.pop(key).close()

    def _begin(self) -> sqlite3.Connection:
        connection = self._connection()
        connection.execute("BEGIN IMMEDIATE")
        return connection

    def _connection(self) -> sqlite3.Connection:
        key = os.getpid(), get_ident()
        connection = self._connections.get(key)
        if connection is None:
            connection = self._connections[key] = _open(self._path)
        return connection

    def _patiently(self, action: Callable[[], _T]) -> _T:
        """Do it, again and again while the file is busy in one of the ways that SQLite itself does not wait for."""
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                return action()
            except sqlite3.Error as error:
                if _code(error) not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) or time.monotonic() > deadline:
                    _explain(error, self._path)
                time.sleep(_PAUSE)


class SqliteTransaction:
    """The statements of one write."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def rows(self, sql: str, values: Values) -> list[Row]:
        """Run a statement and give its rows."""
        return self._connection.execute(sql, values).fetchall()

    def many(self, sql: str, values: Iterable[Values]) -> None:
        """Run a statement once for each of `values`."""
        self._connection.executemany(sql, values)


def _open(path: Path) -> sqlite3.Connection:
    """A connection to a file that has today's schema; the file is made, or brought up to date, where it must be."""
    try:
        if not path.exists():
            private_directory(path.parent)
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))  # SQLite gives its own files the same permissions
    except OSError as error:
        raise UnusableHome(path=path, problem=error.strerror or str(error)) from error
    connection = sqlite3.connect(
        path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False, cached_statements=256
    )
    try:
        _make_current(connection, path)
        for setting in _SETTINGS:
            connection.execute(setting)
    except BaseException:
        connection.close()
        raise
    return connection


def _make_current(connection: sqlite3.Connection, path: Path) -> None:
    known = newest_version()
    found = _version(connection)
    if found > known:
        raise NewerFormat(path=path, found=found, known=known)
    if found == known:
        return
    if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("BEGIN IMMEDIATE")
    try:
        for version in range(_version(connection) + 1, known + 1):  # asked again: another process may have been faster
            for statement in _statements(migration(version, SQLITE)):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {version}")
        connection.commit()
    except BaseException:
        connection.rollback()
        raise


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _statements(script: str) -> Iterator[str]:
    """The single statements of a migration."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def _code(error: sqlite3.Error) -> int:
    """SQLite's primary result code; 0 when the module itself raised."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def _explain(error: sqlite3.Error, path: Path) -> NoReturn:
    """Raise what went wrong in our words; a mistake in our own statements is raised as it is."""
    code = _code(error)
    if code == sqlite3.SQLITE_FULL or (code == sqlite3.SQLITE_IOERR and _is_full(path)):
        raise StorageFull(what=f"the records ({path})") from error
    if code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_IOERR):
        raise UnusableHome(path=path, problem=str(error)) from error
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        raise CorruptDatabase(path=path, problem=str(error)) from error
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        problem = f"another process has kept it busy for more than {_PATIENCE:.0f} seconds"
        raise WriteConflict(what=str(path), problem=problem, hint="end that process, or try again") from error
    raise error


def _is_full(path: Path) -> bool:
    try:
        disk = os.statvfs(path.parent)
    except OSError:
        return False
    return disk.f_bavail * disk.f_frsize < _NO_ROOM
