"""What pytest offers to tests of flows, seen by a test suite of somebody else."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]

SUITE = """
import os

from flagstone import Flow, FlowSpec, get_namespace, namespace, step


class TinyFlow(FlowSpec):
    @step
    def start(self):
        self.x = 1


def test_a_run_goes_to_a_home_of_its_own(flagstone_home):
    run = TinyFlow.run(show_output=False)
    namespace(None)
    assert run.pathspec == "TinyFlow/1"
    assert [found.id for found in Flow("TinyFlow")] == ["1"]
    assert os.environ["FLAGSTONE_HOME"] == str(flagstone_home)


def test_the_next_test_sees_nothing_of_it(flagstone_home):
    assert get_namespace() == "user:tester"
    assert TinyFlow.run(show_output=False).pathspec == "TinyFlow/1"


def test_a_file_is_run(flow_runner, tmp_path):
    file = tmp_path / "flow.py"
    file.write_text(
        "from flagstone import FlowSpec, step\\n"
        "class FileFlow(FlowSpec):\\n    @step\\n    def start(self):\\n        self.x = 2\\n"
        "if __name__ == '__main__':\\n    FileFlow()\\n"
    )
    assert flow_runner(file, show_output=False).run().run.data.x == 2
"""


def test_the_fixtures_work_in_a_suite_that_knows_nothing_of_ours(tmp_path: Path) -> None:
    (tmp_path / "test_suite.py").write_text(SUITE)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "flagstone.testing.fixtures", "-p", "no:cacheprovider"]

    done = subprocess.run(
        [*command, str(tmp_path)],
        cwd=tmp_path,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 passed" in done.stdout


def test_pytest_finds_them_by_the_name_in_the_package_and_they_load_nothing_heavy() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    module = project["entry-points"]["pytest11"]["flagstone"]
    code = f"import sys, {module}; print([n for n in ('msgspec', 'click', 'sqlite3', 'blake3') if n in sys.modules])"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)

    assert module == "flagstone.testing.fixtures"
    assert re.sub(r"\s", "", done.stdout) == "[]"
