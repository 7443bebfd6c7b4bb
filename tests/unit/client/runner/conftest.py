"""A folder with a flow in a file, and a fresh home."""

from pathlib import Path

import pytest

FLOW = """
import time
from pathlib import Path

from flagstone import FlowSpec, Parameter, step


class SumFlow(FlowSpec):
    n = Parameter("n", default=1, type=int)
    names = Parameter("names", default=[])
    wait_for = Parameter("wait-for", default="")

    @step
    def start(self):
        print("counting ✓")
        if self.n == 13:
            raise ValueError("unlucky")
        while self.wait_for and not Path(self.wait_for).exists():
            time.sleep(0.01)
        self.total = self.n + len(self.names)
        self.next(self.end)

    @step
    def end(self):
        print("counted", self.total)


if __name__ == "__main__":
    SumFlow()
"""


@pytest.fixture
def flow_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of a flow; runs go to a home of their own."""
    monkeypatch.setenv("FLAGSTONE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("FLAGSTONE_USER", "tester")
    file = tmp_path / "sum_flow.py"
    file.write_text(FLOW)
    return file
