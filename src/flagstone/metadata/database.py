"""What `sql_store` needs of a database: statements that read, and short transactions that write."""

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol

from flagstone.metadata.dialect import Dialect

Row = tuple[Any, ...]
Values = Mapping[str, Any]


class Transaction(Protocol):
    """A write that happens as a whole or not at all."""

    def rows(self, sql: str, values: Values) -> list[Row]:
        """Run a statement and give its rows."""

    def many(self, sql: str, values: Iterable[Values]) -> None:
        """Run a statement once for each of `values`."""


class Database(Protocol):
    """One database. Errors come as StorageFull, UnusableHome, CorruptDatabase, NewerFormat or WriteConflict."""

    dialect: Dialect

    def read(self, sql: str, values: Values) -> list[Row]:
        """The rows of one statement, all from one moment."""

    def write(self) -> AbstractContextManager[Transaction]:
        """A transaction that no other writer overlaps; durable when the block is left, undone when it raises."""

    def problems(self) -> list[str]:
        """What the database finds wrong with itself, in words; reads all of it."""

    def close(self) -> None:
        """Give the connections back."""
