"""How one database spells SQL: the words that the files in `sql/` leave open, and the statements themselves."""

from functools import cache
from pathlib import Path

from msgspec import Struct

_SQL = Path(__file__).parent / "sql"
_NAME = "-- name: "


class Dialect(Struct, frozen=True):
    """The words of one database."""

    name: str
    words: dict[str, str]

    def __hash__(self) -> int:
        return hash(self.name)


SQLITE = Dialect(
    "sqlite",
    {
        "$CLUSTERED": "WITHOUT ROWID",
        "$IDENTITY": "INTEGER PRIMARY KEY",
        "$SECONDS": "REAL",
        "$BYTES": "BLOB",
        "$BYTEWISE": "COLLATE BINARY",
    },
)


@cache
def queries(dialect: Dialect) -> dict[str, str]:
    """The named queries of `sql/queries.sql` in a dialect; read once."""
    found: dict[str, str] = {}
    for part in _spelled("queries.sql", dialect).split(_NAME)[1:]:
        name, _, text = part.partition("\n")
        found[name.strip()] = text.strip()
    return found


@cache
def newest_version() -> int:
    """The version of the schema that this Flagstone writes: the number of the last migration."""
    return max(migration_files())


def migration(version: int, dialect: Dialect) -> str:
    """The statements that take the schema from `version - 1` to `version`."""
    return _spelled(migration_files()[version], dialect)


@cache
def migration_files() -> dict[int, str]:
    """The names of the migrations by the version that they lead to: `0001_schema.sql` leads to 1."""
    return {int(path.name[:4]): path.name for path in sorted(_SQL.glob("[0-9][0-9][0-9][0-9]_*.sql"))}


def _spelled(file: str, dialect: Dialect) -> str:
    text = (_SQL / file).read_text("utf-8")
    for word, spelling in dialect.words.items():
        text = text.replace(word, spelling)
    return text
