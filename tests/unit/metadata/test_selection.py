"""Tests of `metadata.selection` and the indexes: the query plans that keep listings instant at a million tasks."""

import re
import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flagstone.metadata.dialect import SQLITE, migration, migration_files, newest_version, queries
from flagstone.metadata.selection import found_aside, of_runs, of_tasks, page, path_of, path_text
from flagstone.model.records import RunQuery, TaskQuery
from flagstone.model.states import State


@pytest.fixture
def database() -> Iterator[sqlite3.Connection]:
    """An empty database with today's schema."""
    connection = sqlite3.connect(":memory:")
    for version in migration_files():
        connection.executescript(migration(version, SQLITE))
    yield connection
    connection.close()


def explained(database: sqlite3.Connection, sql: str, values: dict[str, object]) -> str:
    return "; ".join(row[3] for row in database.execute(f"EXPLAIN QUERY PLAN {sql}", values))


@pytest.mark.parametrize(
    ("query", "step", "index"),
    [
        (TaskQuery(), None, "PRIMARY KEY (run=?)"),
        (TaskQuery(newest_first=True), None, "PRIMARY KEY (run=?)"),
        (TaskQuery(step="work"), 1, "tasks_of_step (step=?)"),
        (TaskQuery(step="work", newest_first=True), 1, "tasks_of_step (step=?)"),
        (TaskQuery(step="work", below=()), 1, "tasks_of_step (step=?)"),
        (TaskQuery(step="work", path=(3, 1)), 1, "tasks_of_path (step=? AND path=?)"),
        (TaskQuery(path=(3, 1)), None, "tasks_of_path (step=? AND path=?)"),
        (TaskQuery(step="work", below=(3,)), 1, "tasks_of_path (step=? AND path>? AND path<?)"),
        (TaskQuery(below=(3,)), None, "tasks_of_path (step=? AND path>? AND path<?)"),
        (TaskQuery(states=(State.FAILED,)), None, "tasks_in_trouble (step=? AND state=?)"),
        (TaskQuery(step="work", states=(State.FAILED, State.LOST)), 1, "tasks_in_trouble (step=? AND state=?)"),
    ],
)
def test_each_question_about_tasks_has_its_index(
    database: sqlite3.Connection, query: TaskQuery, step: int | None, index: str
) -> None:
    named = queries(SQLITE)
    selection = of_tasks(query, 1, step, named)
    tail = named["newest_tasks_first" if query.newest_first else "oldest_tasks_first"]
    if found_aside(query):
        sql = selection.statement(named["select_task_numbers"])
    else:
        sql = selection.statement(named["select_tasks"], tail)

    plan = explained(database, sql, {**selection.values, **page(10)})

    assert index in plan
    assert "TEMP B-TREE" not in plan


@pytest.mark.parametrize(
    ("conditions", "index"),
    [
        ({"flow": "Tidal"}, "flow=?"),
        ({"flow": "Tidal", "states": (State.SUCCEEDED,)}, "runs_by_state (flow=? AND state=?)"),
        ({"tags": ("a",)}, "tag=?"),
        ({"parameters": {"alpha": "3"}}, "name=? AND value=?"),
    ],
)
def test_runs_are_found_by_index(database: sqlite3.Connection, conditions: dict[str, Any], index: str) -> None:
    named = queries(SQLITE)
    selection = of_runs(RunQuery(**conditions), named)
    sql = selection.statement(named["select_runs"], named["newest_runs_first"])

    assert index in explained(database, sql, {**selection.values, **page(1)})


@given(path=st.lists(st.integers(0, 10**9), max_size=5).map(tuple))
def test_a_path_reads_back(path: tuple[int, ...]) -> None:
    assert path_of(path_text(path)) == path


def test_migrations_are_numbered_without_a_gap() -> None:
    assert list(migration_files()) == list(range(1, newest_version() + 1))


def test_every_query_is_good_sql(database: sqlite3.Connection) -> None:
    whole = {n: t for n, t in queries(SQLITE).items() if t.startswith(("SELECT", "INSERT", "UPDATE", "DELETE"))}
    for name, text in whole.items():
        sql = text.replace("$NUMBERS", "1, 2")
        values = dict.fromkeys(re.findall(r":(\w+)", sql))
        assert database.execute(f"EXPLAIN {sql}", values).fetchall(), name
