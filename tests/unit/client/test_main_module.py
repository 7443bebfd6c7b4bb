"""Tests of `client.main_module`: classes that were pickled from `__main__` are found in the flow's own file."""

import os
import sys
from pathlib import Path

import msgspec
import pytest

from flagstone.client.main_module import resolver_for
from flagstone.model.errors import ModuleFailed
from flagstone.model.plan import Plan
from tests.unit.client.history import PLAN


def written(tmp_path: Path, source: str) -> Plan:
    file = tmp_path / "tidal.py"
    file.write_text(source)
    return msgspec.structs.replace(PLAN, file=str(file))


def test_nothing_runs_before_something_is_asked_for_and_then_once(tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    mark = f"with open({str(ran)!r}, 'a') as file:\n    file.write('x')\n"
    plan = written(tmp_path, f"{mark}class Wave:\n    class Crest: pass\n")

    find = resolver_for(plan)
    before = ran.exists()
    wave, crest = find("Wave"), resolver_for(plan)("Wave.Crest")

    assert not before
    assert wave.Crest is crest
    assert ran.read_text() == "x"


def test_neither_the_part_for_main_nor_a_bare_start_runs(tmp_path: Path) -> None:
    source = """
from flagstone.dsl.flow import FlowSpec
class Wave: pass
class TidalFlow(FlowSpec): pass
if __name__ == "__main__":
    raise RuntimeError("the part for main ran")
TidalFlow()
raise RuntimeError("went on")
"""

    assert resolver_for(written(tmp_path, source))("Wave").__name__ == "Wave"


def test_dataclasses_and_neighbouring_modules_work(tmp_path: Path) -> None:
    (tmp_path / "tidal_neighbour.py").write_text("HEIGHT = 3\n")
    source = """
from __future__ import annotations
from dataclasses import dataclass
from tidal_neighbour import HEIGHT
@dataclass
class Wave:
    height: int = HEIGHT
"""
    path = list(sys.path)

    wave = resolver_for(written(tmp_path, source))("Wave")()

    assert wave.height == 3
    assert sys.path == path


def test_a_changed_file_is_loaded_again(tmp_path: Path) -> None:
    plan = written(tmp_path, "class Wave: height = 1\n")
    first = resolver_for(plan)("Wave").height
    written(tmp_path, "class Wave: height = 22\n")
    os.utime(plan.file, (1, 1))

    assert (first, resolver_for(plan)("Wave").height) == (1, 22)


def test_what_is_not_there_is_an_attribute_error(tmp_path: Path) -> None:
    plan = written(tmp_path, "")

    with pytest.raises(AttributeError):
        resolver_for(plan)("Wave")
    Path(plan.file).unlink()
    with pytest.raises(AttributeError, match="not on this machine"):
        resolver_for(plan)("Wave")


@pytest.mark.parametrize("source", ["1 / 0", "raise SystemExit(3)", "def broken(:"])
def test_a_file_that_fails_says_so(tmp_path: Path, source: str) -> None:
    with pytest.raises(ModuleFailed, match=r"tidal\.py raised"):
        resolver_for(written(tmp_path, source))("Wave")
