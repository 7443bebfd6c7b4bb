"""The floors hold, and nothing that is spelled as a string leads nowhere."""

import importlib
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

import flagstone
from flagstone.kit import late

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "flagstone"
WRITTEN = {
    target
    for path in SOURCE.rglob("*.py")
    for target in re.findall(r"\"(flagstone(?:\.\w+)+:\w+)\"", path.read_text("utf-8"))
}
STRINGS = sorted({*late.bound().values(), *flagstone._PUBLIC.values(), *WRITTEN})
HEAVY = ("numpy", "pandas", "pyarrow", "polars", "click", "rich", "sqlite3", "asyncio", "multiprocessing", "blake3")


def test_every_import_goes_down() -> None:
    linter = Path(sys.executable).parent / "lint-imports"

    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("target", STRINGS)
def test_every_name_that_is_bound_as_a_string_is_there(target: str) -> None:
    assert late.load(target) is not None


def test_a_higher_floor_is_named_as_a_string_only_where_it_is_meant() -> None:
    tables = {"__init__.py", "registry.py", "heavy.py"}  # the package, the lists of back ends, the light command line

    assert {
        path.name for path in SOURCE.rglob("*.py") if re.search(r"\"flagstone\.[\w.]+:\w", path.read_text())
    } <= tables


def test_every_module_can_be_imported() -> None:
    modules = [module.name for module in pkgutil.walk_packages(flagstone.__path__, "flagstone.")]

    acting = {"flagstone.__main__", "flagstone.compat.metaflow"}  # importing them does something
    for name in modules:
        if name not in acting:
            importlib.import_module(name)


def test_the_public_names_are_what_they_say_whatever_was_imported_before() -> None:
    code = "import flagstone.metadata.sqlite, flagstone as f\nprint([n for n in f.__all__ if not hasattr(f, n)])"
    code += "\nfrom flagstone import metadata\nprint(callable(metadata))"

    assert printed(code) == "[]\nTrue"


def test_importing_flagstone_loads_nothing_heavy() -> None:
    code = f"import sys, flagstone; print([name for name in {HEAVY} if name in sys.modules])"

    assert printed(code) == "[]"


def test_a_module_that_defines_a_flow_loads_nothing_heavy() -> None:
    heavy = tuple(name for name in HEAVY if name != "blake3")
    code = f"import sys; from flagstone import *; print([name for name in {heavy} if name in sys.modules])"
    code = code.replace("import *", "import FlowSpec, Parameter, JSONType, current, resources, step")

    assert printed(code) == "[]"


def printed(code: str) -> str:
    """What a fresh interpreter prints that runs this code."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
