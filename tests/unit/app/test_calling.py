"""`MyFlow.run(...)` runs the flow from the very process that calls it, and gives a Run."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from flagstone.model.errors import InvalidParameter, InvalidSetting, NothingToResume, RunFailed
from tests.unit.app.called import CalledFlow

PLAIN = """
from flagstone import FlowSpec, Parameter, step


class PlainFlow(FlowSpec):
    n = Parameter("n", default=1)

    @step
    def start(self):
        self.kept = Kept(self.n)
        self.next(self.end)

    @step
    def end(self):
        if self.n > 50:
            print("waiting", flush=True)
            while True:
                pass
        self.double = self.kept.n * 2


class Kept:
    def __init__(self, n):
        self.n = n

"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh home."""
    monkeypatch.setenv("FLAGSTONE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def script(folder: Path, end: str, *, status: int = 0) -> tuple[str, str]:
    """Run a script that defines a flow and does something with it; what it printed."""
    file = folder / "plain.py"
    file.write_text(PLAIN + end)
    done = subprocess.run(
        [sys.executable, str(file)], cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout, done.stderr


def test_a_call_runs_the_flow_and_gives_the_run() -> None:
    run = CalledFlow.run(n=4, tags=["first"], max_workers=1, show_output=False)

    assert run.pathspec == "CalledFlow/1"
    assert run.successful
    assert run.data is not None
    assert run.data.double == 8
    assert run.user_tags == {"first"}


def test_what_happens_is_shown_unless_one_says_otherwise(capfd: pytest.CaptureFixture[str]) -> None:
    CalledFlow.run()
    shown = capfd.readouterr().out
    CalledFlow.run(show_output=False)
    hidden = capfd.readouterr().out

    assert "doubling 1" in shown
    assert hidden == ""


def test_a_failure_is_an_exception_that_says_which_task_and_why() -> None:
    with pytest.raises(RunFailed) as caught:
        CalledFlow.run(n=13, show_output=False)

    assert caught.value.pathspec == "CalledFlow/1"
    assert "CalledFlow/1/start/1 failed: ValueError: unlucky" in str(caught.value)
    assert caught.value.where is not None
    assert Path(caught.value.where.file).name == "called.py"
    assert any('raise ValueError("unlucky")' in note for note in caught.value.__notes__)


def test_a_resume_takes_over_what_succeeded_and_an_artifact_may_have_its_name() -> None:
    CalledFlow.run(n=3, show_output=False)

    again = CalledFlow.resume(step_to_rerun="end", origin_run_id=1, show_output=False)

    assert again.origin_pathspec == "CalledFlow/1"
    assert again.data is not None
    assert again.data.resume == 7


def test_input_is_checked_before_anything_starts(home: Path) -> None:
    with pytest.raises(InvalidParameter, match="no such parameter"):
        CalledFlow.run(m=3)
    with pytest.raises(InvalidParameter, match="whole number"):
        CalledFlow.run(n="four")
    with pytest.raises(InvalidSetting, match="max_workers"):
        CalledFlow.run(max_workers=0)
    with pytest.raises(InvalidSetting, match="isolation"):
        CalledFlow.run(isolation="magic")
    with pytest.raises(NothingToResume):
        CalledFlow.resume()

    assert list((home / "logs").glob("*")) == []


def test_a_parameter_goes_before_an_option_of_the_same_name() -> None:
    run = CalledFlow.run(check="mine", show_output=False)

    assert run.parameters["check"] == "mine"


def test_a_call_in_a_thread_works_and_signals_are_left_alone() -> None:
    found: list[str] = []
    before = signal.getsignal(signal.SIGINT)

    thread = threading.Thread(target=lambda: found.append(CalledFlow.run(n=2, show_output=False).status))
    thread.start()
    thread.join()

    assert found == ["succeeded"]
    assert signal.getsignal(signal.SIGINT) is before


def test_a_thread_of_the_program_is_not_said_to_be_the_flows(capfd: pytest.CaptureFixture[str]) -> None:
    done = threading.Event()
    other = threading.Thread(target=done.wait, name="server")
    other.start()

    try:
        run = CalledFlow.run(n=2)
    finally:
        done.set()
        other.join()

    said = " ".join(capfd.readouterr())
    assert run.successful
    assert "the program that called CalledFlow.run() left 1 thread running (server)" in said
    assert "the flow's module" not in said


def test_many_calls_leave_no_descriptors_open() -> None:
    CalledFlow.run(show_output=False)
    before = len(os.listdir("/proc/self/fd"))

    for _ in range(5):
        CalledFlow.run(show_output=False)

    assert len(os.listdir("/proc/self/fd")) <= before


def test_a_script_that_defines_the_flow_calls_it(tmp_path: Path) -> None:
    out, _ = script(tmp_path, 'if __name__ == "__main__":\n    run = PlainFlow.run(n=21)\n    print(run.data.double)\n')

    assert out.splitlines()[-1] == "42"


def test_a_script_calls_its_flow_in_fresh_interpreters_too(tmp_path: Path) -> None:
    call = (
        "    run = PlainFlow.run(n=21, isolation='spawn')\n    print(run.data.double, run['start'].task.data.kept.n)\n"
    )

    out, _ = script(tmp_path, f'if __name__ == "__main__":\n{call}')

    assert out.splitlines()[-1] == "42 21"


def test_a_failure_that_nobody_catches_is_told_in_words(tmp_path: Path) -> None:
    _, err = script(tmp_path, "PlainFlow.run(n='x')\n", status=1)

    assert "A parameter's value is not right" in err
    assert "Traceback" not in err


def test_without_the_check_a_failed_run_is_returned(tmp_path: Path) -> None:
    end = "class Failing(PlainFlow):\n    @step\n    def end(self):\n        raise ValueError\n"

    out, _ = script(tmp_path, end + "print(Failing.run(check=False, show_output=False).status)\n")

    assert out == "failed\n"


def test_ctrl_c_ends_the_run_and_the_script(tmp_path: Path) -> None:
    (tmp_path / "plain.py").write_text(PLAIN + "print(PlainFlow.run(n=51).status)\nprint('going on')\n")
    with subprocess.Popen(
        [sys.executable, "-u", "plain.py"], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "waiting" in line:
                break
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=60)

    assert process.returncode != 0
    assert "going on" not in rest
    assert "cancelled" in rest
