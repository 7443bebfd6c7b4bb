"""One fresh home and a folder beside it: writes flows there, runs them as a person would, reads what came of it."""

import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from msgspec import Struct

from flagstone import Flow, Run
from flagstone.app import workspace as workspaces
from flagstone.app.workspace import Workspace
from flagstone.model.records import RunQuery
from flagstone.model.states import State

LOST = (State.LOST,)
OWN_FRAME = 'File "' + str(Path(workspaces.__file__).parents[1])  # how a traceback begins a line of the package itself
MAIN = '\n\nif __name__ == "__main__":\n    {}()\n'


class Done(Struct, frozen=True):
    """A process that has ended."""

    status: int
    out: str
    err: str

    @property
    def text(self) -> str:
        """All that it said."""
        return self.out + self.err


class Household:
    """One home, `work` as the folder with the flows, and the environment that finds both."""

    def __init__(self, place: Path) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("FLAGSTONE_", "METAFLOW_"))}
        self.home = place / "home"
        self.work = place / "work"
        self.work.mkdir()
        self.environment = {
            **kept,
            "FLAGSTONE_HOME": str(self.home),
            "FLAGSTONE_USER": "tester",
            "NO_COLOR": "1",
            "COLUMNS": "160",
            "PYTHONUNBUFFERED": "1",
        }
        self.started: list[subprocess.Popen[bytes]] = []

    # --- flows -----------------------------------------------------------------------------------------------

    def write(self, body: str, name: str = "flow.py") -> Path:
        """A file with this text; `class XFlow(FlowSpec)` at its end gets its imports and the line that starts it."""
        text = textwrap.dedent(body).lstrip()
        flows = [line.split()[1].split("(")[0] for line in text.splitlines() if line.startswith("class ")]
        if "__main__" not in text and flows:
            text = (
                f"from flagstone import FlowSpec, JSONType, Parameter, resources, step\n{text}{MAIN.format(flows[-1])}"
            )
        path = self.work / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return path

    def run(self, *words: object, status: int | None = 0, cwd: Path | None = None) -> Done:
        """`python WORDS`; it must leave with `status` (None: any), and may show nobody a traceback of ours."""
        done = subprocess.run(
            [sys.executable, *map(str, words)],
            cwd=cwd or self.work,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
            check=False,
        )
        found = Done(done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace"))
        assert status is None or found.status == status, f"left with {found.status}:\n{found.text}"
        native = "Fatal Python error" in found.out  # what faulthandler writes has every frame
        assert OWN_FRAME not in (found.err if native else found.text), f"a traceback of ours:\n{found.text}"
        assert "bug in Flagstone" not in found.text, found.text
        return found

    def flagstone(self, *words: object, status: int | None = 0) -> Done:
        """`flagstone WORDS`."""
        return self.run("-m", "flagstone", *words, status=status)

    def start(self, *words: object, out: int | IO[bytes] = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
        """`python WORDS` in a group of its own, not waited for; killed with the test."""
        process = subprocess.Popen(
            [sys.executable, *map(str, words)],
            cwd=self.work,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT if out is not subprocess.DEVNULL else out,
            start_new_session=True,
        )
        self.started.append(process)
        return process

    # --- what came of it -------------------------------------------------------------------------------------

    @property
    def workspace(self) -> Workspace:
        """The stores of the home."""
        return workspaces.default(str(self.home))

    def latest(self, flow: str) -> Run:
        """The newest run of a flow."""
        run = Flow(flow).latest_run
        assert run is not None
        return run

    def data(self, flow: str) -> Any:
        """The artifacts of the last step of the newest run."""
        return self.latest(flow).data

    def value(self, flow: str, name: str, step: str = "end") -> object:
        """An artifact of the only task of a step of the newest run."""
        return self.latest(flow)[step].task[name].data

    def lines(self, name: str = "marks") -> list[str]:
        """The whole lines of a file that steps appended to."""
        path = self.work / name
        return path.read_text("utf-8").split("\n")[:-1] if path.exists() else []

    def blobs(self) -> set[str]:
        """The names of all blobs."""
        return {path.name for path in (self.home / "blobs").rglob("*") if path.is_file()}

    def assert_whole(self) -> None:
        """Nothing in the home is missing or half-written, and nothing was left behind but the scratch of lost runs."""
        self.flagstone("doctor")
        left = {path.name for path in (self.home / "tmp").iterdir()}
        assert left <= {str(run.id).replace("/", ".") for run in self.workspace.metadata.runs(RunQuery(states=LOST))}

    def close(self) -> None:
        """End what still runs."""
        for process in self.started:
            if process.poll() is None:
                process.kill()
            process.wait(10)
            if process.stdout is not None:
                process.stdout.close()


def wait_for(condition: Callable[[], bool], what: str, seconds: float = 20) -> None:
    """Wait until it holds. Raises AssertionError."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"waited {seconds} s for {what}"
        time.sleep(0.02)


def alive(pid: int) -> bool:
    """Whether a process runs (a zombie does not)."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"
