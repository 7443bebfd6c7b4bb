"""The table of names shared with Metaflow says what is so: each is there, and is what the page says."""

import re
from importlib import import_module
from pathlib import Path

import pytest

import flagstone
from flagstone.compat import __path__ as compat
from flagstone.model.errors import NotHere

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "reference" / "shared-names.md").read_text("utf-8")

# What `from metaflow import ...` and `from metaflow.exception import ...` may say, release 2.19.
NAMES = set((ROOT / "tests" / "data" / "metaflow-names.txt").read_text().split())
EXCEPTIONS = (ROOT / "tests" / "data" / "metaflow-exceptions.txt").read_text().split()

STATUSES = dict(re.findall(r"^\| `(\w+)` \| (\w+) \|", PAGE, re.MULTILINE))
MODULES = dict(re.findall(r"^\| `flagstone\.([\w.]+)` \| (.+) \|$", PAGE, re.MULTILINE))
KINDS = [
    (name, ours)
    for names, ours in re.findall(r"^\| ((?:`\w+`(?:, )?)+) \| `(\w+)` \|$", PAGE, re.MULTILINE)
    for name in re.findall(r"\w+", names)
]


def test_every_name_of_metaflow_has_a_line() -> None:
    assert NAMES - set(STATUSES) == set()
    assert set(STATUSES.values()) <= {"same", "more", "explained"}


@pytest.mark.parametrize("name", sorted(NAMES))
def test_every_name_of_metaflow_can_be_imported(name: str) -> None:
    assert hasattr(flagstone, name)
    assert name in flagstone.__all__


@pytest.mark.parametrize("name", ["Deployer", "NBDeployer", "DeployedFlow", "S3"])
def test_what_is_explained_explains_itself_when_it_is_used(name: str) -> None:
    assert STATUSES[name] == "explained"
    with pytest.raises(NotHere):
        getattr(flagstone, name)()


@pytest.mark.parametrize("module", sorted(MODULES))
def test_every_module_holds_what_the_page_says(module: str) -> None:
    found = import_module(f"flagstone.{module}")

    assert [name for name in re.findall(r"`(\w+)`", MODULES[module]) if not hasattr(found, name)] == []


def test_every_exception_of_metaflow_is_one() -> None:
    module = import_module("flagstone.exception")

    assert [name for name in EXCEPTIONS if not issubclass(getattr(module, name, int), Exception)] == []


@pytest.mark.parametrize(("name", "ours"), KINDS)
def test_an_exception_is_the_class_that_the_page_says(name: str, ours: str) -> None:
    assert getattr(import_module("flagstone.exception"), name).__name__ == ours


def test_the_alias_is_one_file() -> None:
    assert [path.name for path in Path(compat[0]).glob("[a-z]*.py")] == ["metaflow.py"]
