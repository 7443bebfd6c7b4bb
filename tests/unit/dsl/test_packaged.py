"""What decorators add to the code of a flow."""

from pathlib import Path

import pytest

from flagstone.dsl.packaged import Packaged, packaged
from flagstone.model.errors import InvalidDeclaration
from flagstone.packaging.collect import collect
from tests.flows import flow_class

FLOW = """
from flagstone import FlowMutator, StepMutator, UserStepDecorator, package_sources, package_suffixes

class Taking(StepMutator):
    def init(self, *files):
        self.files = files

    def add_to_package(self):
        yield from self.files

{above}
class PackedFlow(FlowSpec):
    {step}
    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self): ...
"""


def said(folder: Path, above: str = "", step: str = "") -> Packaged:
    return packaged(flow_class(folder, FLOW.format(above=above, step=step)))


def test_suffixes_folders_and_files_come_along(tmp_path: Path) -> None:
    (tmp_path / "flows").mkdir()
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "rules.yaml").write_text("a: 1")
    (tmp_path / "lib" / "notes.txt").write_text("not code")
    (tmp_path / "model.bin").write_text("model")
    more = said(
        tmp_path / "flows",
        '@package_sources("../lib")\n@package_suffixes([".yaml", ".sql"], ".yaml")',
        f"@Taking({str(tmp_path / 'model.bin')!r}, ({str(tmp_path / 'model.bin')!r}, 'models/first.bin'))",
    )

    members = collect(
        tmp_path / "flows" / "flow.py", (".py", *more.suffixes), {}, folders=more.folders, files=more.files
    )

    assert more.suffixes == (".yaml", ".sql")
    assert [member.name for member in members] == ["flow.py", "lib/rules.yaml", "model.bin", "models/first.bin"]


@pytest.mark.parametrize(
    ("above", "step", "problem"),
    [
        ('@package_suffixes("yaml")', "", "suffixes are expected"),
        ("@package_suffixes()", "", "suffixes are expected"),
        ('@package_sources("nowhere")', "", "there is no such folder"),
        ("", '@Taking("nowhere.bin")', "add_to_package gives 'nowhere.bin'"),
        ("", "@Taking(3)", "add_to_package gives 3"),
    ],
)
def test_what_is_not_there_is_refused(tmp_path: Path, above: str, step: str, problem: str) -> None:
    with pytest.raises(InvalidDeclaration) as caught:
        said(tmp_path, above, step)

    assert problem in str(caught.value)
    assert caught.value.where is not None
