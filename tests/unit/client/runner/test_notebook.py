"""A flow that is spread over the cells of a real notebook runs from there, and the other cells do not run again."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from flagstone import FlowSpec, NBRunner, step
from flagstone.model.errors import NoFlow

EXECUTE = """
import sys, nbformat, nbclient
notebook = nbformat.read(sys.argv[1], as_version=4)
nbclient.NotebookClient(notebook, timeout=120, kernel_name="python3", allow_errors=True).execute()
nbformat.write(notebook, sys.argv[1])
"""

CELLS = {
    "magic": "%cd -q .\nimport math\nimport os",
    "imports": "from flagstone import FlowSpec, NBRunner, Parameter, Run, step\nfrom beside import offset",
    "effects": "with open('counted.txt', 'a') as file:\n    n = file.write('x')\nprint('effects')",
    "constants": "SCALE = 10\nweights = {'a': 1}\nweights['b'] = SCALE",
    "deeper": "def deeper(x):\n    return math.floor(x) + offset",
    "helper": "def helper(x):\n    return deeper(x) * weights['b']",
    "base": "class Base(FlowSpec):\n    x = Parameter('x', default=1.5)",
    "flow": """
class CellFlow(Base):
    @step
    def start(self):
        print("computing", self.x)
        self.y = helper(self.x)
        self.next(self.end)

    @step
    def end(self):
        if self.y < 0:
            raise ValueError("below zero")
        self.z = Box(self.y)
""",
    "class in another cell": "class Box:\n    def __init__(self, y):\n        self.y = y",
    "nbrun": "run = NBRunner(CellFlow).nbrun(x=2.7)\nprint(run.pathspec, run.status, run.data.y, run.data.z.y)",
    "failing": "bad = NBRunner(CellFlow, show_output=False).nbrun(x=-8)\nprint(bad.status)",
    "nbresume": "print(NBRunner(CellFlow, show_output=False).nbresume(x=1.0).origin_pathspec)",
    "options": """
runner = NBRunner(CellFlow, show_output=False, base_dir=".", env={"FLAGSTONE_USER": "somebody"})
left = [name for name in os.listdir() if name.startswith("CellFlow_")]
done = runner.run(tags=["one"])
runner.cleanup()
print(len(left), done.status, sorted(done.run.user_tags), done.run.user, os.path.exists(left[0]))
""",
    "async": """
runner = NBRunner(CellFlow)
running = await runner.async_run()
await running.wait()
runner.cleanup()
print(running.status)
""",
    "call": "print('called', CellFlow.run(x=3, show_output=False).data.y)",
    "failing call": "CellFlow.run(x=-9, show_output=False)",
    "changed": "def deeper(x):\n    return 0",
    "after the change": "print(NBRunner(CellFlow, show_output=False).nbrun().data.y)",
    "not in a cell": "from somewhere import FileFlow\nNBRunner(FileFlow)",
}


class Notebook:
    """A notebook that was executed, and what each of its cells printed or raised."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        cells = [
            {"cell_type": "code", "id": f"c{number}", "metadata": {}, "source": source, "outputs": []}
            for number, source in enumerate(CELLS.values())
        ]
        self._file = folder / "notebook.ipynb"
        whole = {"cells": [cell | {"execution_count": None} for cell in cells], "metadata": {}, "nbformat": 4}
        self._file.write_text(json.dumps(whole | {"nbformat_minor": 5}))

    def execute(self) -> None:
        """Run all cells in a kernel."""
        environment = os.environ | {
            "FLAGSTONE_HOME": str(self.folder / "home"),
            "FLAGSTONE_USER": "tester",
            "IPYTHONDIR": str(self.folder / "ipython"),
            "JUPYTER_RUNTIME_DIR": str(self.folder / "runtime"),
        }
        subprocess.run(
            [sys.executable, "-c", EXECUTE, str(self._file)],
            cwd=self.folder,
            env=environment,
            check=True,
            timeout=180,
            capture_output=True,
        )
        outputs = [cell["outputs"] for cell in json.loads(self._file.read_text())["cells"]]
        self._outputs: dict[str, list[dict[str, Any]]] = dict(zip(CELLS, outputs, strict=True))

    def printed(self, cell: str) -> str:
        """What a cell printed; it may not have raised."""
        assert self.raised(cell) == ""
        return "".join("".join(one["text"]) for one in self._outputs[cell] if one["output_type"] == "stream")

    def raised(self, cell: str) -> str:
        """The exception that a cell ended with."""
        return "".join(f"{one['ename']}: {one['evalue']}" for one in self._outputs[cell] if "ename" in one)


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Notebook:
    """The notebook of these stories, after its last cell."""
    folder = tmp_path_factory.mktemp("notebook")
    (folder / "beside.py").write_text("offset = 1\n")
    (folder / "somewhere.py").write_text(
        "from flagstone import FlowSpec, step\n"
        "class FileFlow(FlowSpec):\n    @step\n    def start(self):\n        self.x = 1\n"
    )
    made = Notebook(folder)
    made.execute()
    return made


def test_a_flow_uses_imports_helpers_and_classes_of_other_cells(notebook: Notebook) -> None:
    printed = notebook.printed("nbrun")

    assert "computing 2.7" in printed
    assert printed.endswith("CellFlow/1 succeeded 30 30\n")


def test_cells_that_the_flow_does_not_need_are_not_run_again(notebook: Notebook) -> None:
    assert (notebook.folder / "counted.txt").read_text() == "x"
    assert "effects" not in notebook.printed("nbrun")


def test_a_run_that_fails_is_a_run_and_can_be_carried_on_with(notebook: Notebook) -> None:
    assert notebook.printed("failing") == "failed\n"
    assert notebook.printed("nbresume") == "CellFlow/2\n"


def test_the_file_lies_where_one_says_and_goes_with_the_runner(notebook: Notebook) -> None:
    assert notebook.printed("options") == "1 successful ['one'] somebody False\n"
    assert list(notebook.folder.glob("CellFlow_*")) == []


def test_a_run_goes_on_beside_the_notebook(notebook: Notebook) -> None:
    assert notebook.printed("async") == "successful\n"


def test_the_class_itself_can_be_called(notebook: Notebook) -> None:
    assert notebook.printed("call") == "called 40\n"
    assert "RunFailed" in notebook.raised("failing call")
    assert "ValueError: below zero" in notebook.raised("failing call")


def test_the_newest_version_of_every_cell_counts(notebook: Notebook) -> None:
    assert notebook.printed("after the change") == "0\n"


def test_a_flow_of_a_file_is_refused_with_what_to_use_for_it(notebook: Notebook) -> None:
    assert "no cell of this notebook defines it" in notebook.raised("not in a cell")
    assert "Runner(" in notebook.raised("not in a cell")


def test_outside_of_a_notebook_it_says_so() -> None:
    class Nowhere(FlowSpec):
        @step
        def start(self) -> None:
            self.x = 1

    with pytest.raises(NoFlow, match="there is no notebook here"):
        NBRunner(Nowhere)
