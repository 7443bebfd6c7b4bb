"""The page about reliability names a test for every promise, each of them exists, and the matrix was really played."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "reference" / "reliability.md").read_text("utf-8")
ROWS = re.findall(r"^\| (?!Promise|---)(.+?) \| (`test_.+`) \|$", PAGE, re.MULTILINE)

PROMISES = (
    "All or nothing:",
    "Immutable:",
    "Same inputs, same plan:",
    "Nothing half-done looks done:",
    "Two people never step on each other:",
    "No surprise code:",
)


def there() -> set[str]:
    """The name of every test, those of the contracts included."""
    paths = [*(ROOT / "tests").rglob("*.py"), *(ROOT / "src" / "flagstone" / "testing").rglob("*.py")]
    trees = [ast.parse(path.read_text("utf-8")) for path in paths]
    return {
        node.name
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def test_every_promise_names_tests_that_exist() -> None:
    assert [promise for promise in PROMISES if not any(words.startswith(promise) for words, _ in ROWS)] == []
    named = {name for _, tests in ROWS for name in re.findall(r"`(\w+)`", tests)}
    assert len(named) >= len(PROMISES)
    assert named - there() == set()


def test_the_report_has_at_least_five_hundred_points_and_no_difference() -> None:
    points, struck = map(int, re.findall(r"Points played: (\d+); the fault struck in\n(\d+) of them", PAGE)[0])

    assert points >= struck >= 500
    assert "Differences: 0." in PAGE
