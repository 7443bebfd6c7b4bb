"""Every example runs as its reader would run it, in a process and a home of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


class Shell:
    """Runs examples on one home."""

    def __init__(self, place: Path) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("FLAGSTONE_", "METAFLOW_"))}
        self.environment = {**kept, "FLAGSTONE_HOME": str(place / "home"), "NO_COLOR": "1"}
        self.place = place

    def run(self, *words: str, status: int = 0) -> str:
        """The output of `python WORDS`, which must exit with `status`."""
        done = subprocess.run(
            [sys.executable, *words],
            cwd=self.place,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=180,
            check=False,
        )
        assert done.returncode == status, done.stdout
        return done.stdout


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


@pytest.mark.parametrize(
    ("example", "arguments", "words"),
    [
        ("hello.py", (), "Hello, world"),
        ("parameters.py", ("--rates", "[0.1]", "--years", "2"), "1,210.00"),
        ("branches.py", (), "above the median"),
        ("foreach.py", ("--ranges", "4"), "2262 primes below 20000: [669, 560, 525, 508]"),
    ],
)
def test_a_small_example_says_what_it_found(shell: Shell, example: str, arguments: tuple[str, ...], words: str) -> None:
    output = shell.run(str(EXAMPLES / example), "run", *arguments)

    assert words in output


def test_no_example_is_left_out() -> None:
    tested = Path(__file__).read_text("utf-8")

    assert [path.name for path in EXAMPLES.glob("*.py") if path.name not in tested and path.stem != "demo"] == []


def test_the_late_file_is_read_by_the_resume_and_nothing_else_is(shell: Shell) -> None:
    from_demo = "import demo, pathlib; demo.SALES = pathlib.Path('sales'); demo.write_sales(without={!r})"
    shell.environment["PYTHONPATH"] = os.pathsep.join([str(EXAMPLES), os.environ.get("PYTHONPATH", "")])
    shell.run("-c", from_demo.format("july"))

    failed = shell.run(str(EXAMPLES / "late_file.py"), "run", "--keep-going", "--folder", "sales", status=1)
    shell.run("-c", from_demo.format(""))
    resumed = shell.run(str(EXAMPLES / "late_file.py"), "resume")

    assert "july.csv" in failed
    assert "FileNotFoundError" in failed
    assert "the best month:" in resumed
    assert [line.rpartition(" ")[2] for line in resumed.splitlines() if "reading" in line] == ["july.csv"]


def test_models_are_selected_on_real_data_and_predict_from_another_script(shell: Shell) -> None:
    selected = shell.run(str(EXAMPLES / "model_selection.py"), "run", "--folds", "2")
    predicted = shell.run(str(EXAMPLES / "predict.py"))

    assert "64 candidates on 4 data sets" in selected
    for name in ("digits", "wine", "breast cancer", "diabetes"):
        assert f"{name:14}" in selected
        assert f"{name:14} predicted" in predicted
