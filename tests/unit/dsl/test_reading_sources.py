"""Where a flow's source comes from, files, cells and archives, and what is said when there is none."""

import linecache
import zipfile
from pathlib import Path

import pytest

from flagstone.dsl.flow import FlowSpec
from flagstone.dsl.reading import read_plan
from flagstone.model.errors import InvalidFlow
from tests.flows import PREAMBLE, flow_class


def test_a_notebook_cell_is_source(tmp_path: Path) -> None:
    del tmp_path
    cell = "<cell 7>"
    text = PREAMBLE + "class Cell(FlowSpec):\n    @step\n    def start(self):\n        self.x = 1\n"
    linecache.cache[cell] = (len(text), None, text.splitlines(keepends=True), cell)
    namespace: dict[str, type[FlowSpec]] = {}
    exec(compile(text, cell, "exec"), namespace)

    plan = read_plan(namespace["Cell"])

    assert plan.step("start").where.file == cell
    del linecache.cache[cell]


def test_a_flow_in_an_archive_is_read_through_its_loader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = PREAMBLE + "class Zipped(FlowSpec):\n    @step\n    def start(self):\n        self.x = 1\n"
    with zipfile.ZipFile(tmp_path / "code.zip", "w") as archive:
        archive.writestr("zipped_flow.py", text)
    monkeypatch.syspath_prepend(str(tmp_path / "code.zip"))
    module = __import__("zipped_flow")

    assert [step.name for step in read_plan(module.Zipped).steps] == ["start"]


def test_without_source_the_error_says_so() -> None:
    text = PREAMBLE + "class Typed(FlowSpec):\n    @step\n    def start(self):\n        self.x = 1\n"
    namespace: dict[str, type[FlowSpec]] = {}
    exec(compile(text, "<string>", "exec"), namespace)

    with pytest.raises(InvalidFlow, match=r"for step 'start' its source cannot be read \(<string>:\d+\)"):
        read_plan(namespace["Typed"])


@pytest.mark.parametrize("text", ["", "def other(): pass\n", "this is not Python", "\0"])
def test_a_file_that_changed_after_its_import_is_noticed(tmp_path: Path, text: str) -> None:
    cls = flow_class(tmp_path, "class F(FlowSpec):\n    @step\n    def start(self):\n        self.x = 1\n")
    (tmp_path / "flow.py").write_text(text)

    with pytest.raises(InvalidFlow, match="if the file changed meanwhile, run it again"):
        read_plan(cls)


def test_a_file_in_another_encoding_is_read_as_python_reads_it(tmp_path: Path) -> None:
    source = "# -*- coding: latin-1 -*-\n" + PREAMBLE
    source += "class F(FlowSpec):\n    '''Größe'''\n    @step\n    def start(self):\n        'Höhe'\n"
    (tmp_path / "latin.py").write_bytes(source.encode("latin-1"))
    namespace: dict[str, type[FlowSpec]] = {}
    exec(compile(source.encode("latin-1"), str(tmp_path / "latin.py"), "exec"), namespace)

    assert read_plan(namespace["F"]).step("start").doc == "Höhe"


def test_a_lambda_is_not_a_step(tmp_path: Path) -> None:
    cls = flow_class(tmp_path, "class F(FlowSpec):\n    start = step(lambda self: None)\n")

    with pytest.raises(InvalidFlow, match="Write the step with `def`"):
        read_plan(cls)
