"""The page of surprises names tests that exist, has a row for each of them, and leaves out none of the list."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
TESTS = ROOT / "tests" / "acceptance"
PAGE = ROOT / "docs" / "explanation" / "surprises.md"
ROWS = re.findall(r"^\| (?!There|---)(.+?) \| (.+?) \| (`test_.+`) \|$", PAGE.read_text("utf-8"), re.MULTILINE)
NAMED = {name for _, _, tests in ROWS for name in re.findall(r"`(\w+)`", tests)}

SURPRISES = (
    "a set:",
    "a dict:",
    "an empty list:",
    "101 elements:",
    "a generator:",
    "a text:",
    "the order of the inputs of a static join",
    "`len(inputs)`",
    "`merge_artifacts`: equal dicts and sets",
    "a function or a lambda vanishes",
    "a `Parameter` called `name`",
    "an artifact named like a step",
    "`del self.x`",
    "a step changes a dict of the class",
    "`resume` twice",
    "`origin_pathspec` of a run that resumed nothing",
    "`@retry(minutes_between_retries=...)`",
    "one branch fails",
    "a failed task has no card",
    "a failed run is never `finished`",
    "`spin` with configs",
    "a value that no case has",
    "`num_parallel` below 1",
    "more than four retries",
    "`--with retry` and `@retry(times=0)`",
)


def stories_of(path: Path) -> set[str]:
    """The names of the tests of a file."""
    body = ast.parse(path.read_text("utf-8")).body
    return {one.name for one in body if isinstance(one, ast.FunctionDef) and one.name.startswith("test_")}


def test_every_test_that_the_page_names_exists() -> None:
    there = set().union(*map(stories_of, TESTS.glob("test_*.py")))

    assert len(NAMED) > 25
    assert NAMED - there == set()


@pytest.mark.parametrize("path", sorted(TESTS.glob("test_surprises*.py")), ids=lambda path: path.stem)
def test_every_story_about_a_surprise_is_on_the_page(path: Path) -> None:
    assert stories_of(path)
    assert stories_of(path) - NAMED == set()


@pytest.mark.parametrize("surprise", SURPRISES)
def test_every_surprise_has_a_row(surprise: str) -> None:
    assert [there for there, _, _ in ROWS if there.startswith(surprise)]
