"""A flow's file is run from Python as its command line runs it, and every answer is an object."""

import os
import signal
import subprocess
import sys
import threading
from datetime import date
from pathlib import Path

import pytest

from flagstone import Runner
from flagstone.model.errors import FlagstoneError, InvalidParameter, NoFlow, NothingToResume, NotStarted, UnknownStep


def test_a_run_that_succeeds_is_read_back(flow_file: Path) -> None:
    runner = Runner(str(flow_file), show_output=False)

    done = runner.run(n=4, names=["a", "b"], tags=["first", "second"])

    assert (done.status, done.returncode) == ("successful", 0)
    assert done.run.data is not None
    assert done.run.data.total == 6
    assert done.run.user_tags == {"first", "second"}
    assert done.run.parameters["n"] == 4
    assert "counting ✓" in done.stdout
    assert done.stderr == ""


def test_a_run_that_fails_has_a_status_and_its_words(flow_file: Path) -> None:
    with Runner(flow_file, show_output=False) as runner:
        done = runner.run(n=13)

    assert (done.status, done.returncode) == ("failed", 1)
    assert done.run.status == "failed"
    assert "ValueError: unlucky" in done.stderr


def test_what_the_flow_prints_is_shown_while_it_runs_unless_one_says_otherwise(
    flow_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Runner(flow_file).run()
    shown = capsys.readouterr().out
    Runner(flow_file, show_output=False).run()
    hidden = capsys.readouterr().out

    assert "counting ✓" in shown
    assert "counted 1" in shown
    assert hidden == ""


def test_a_value_of_the_wrong_type_is_refused_before_anything_starts(flow_file: Path) -> None:
    runner = Runner(flow_file, show_output=False)

    with pytest.raises(InvalidParameter, match="whole number") as text:
        runner.run(n="four")
    with pytest.raises(InvalidParameter, match="int is expected"):
        runner.run(n=4.5)
    with pytest.raises(InvalidParameter, match="cannot be handed"):
        runner.run(n=object())

    assert text.value.where is not None
    assert Path(text.value.where.file).name == flow_file.name
    assert not (flow_file.parent / "home" / "flagstone.db").exists()


def test_a_parameter_that_the_flow_does_not_have_is_refused_with_those_that_it_has(flow_file: Path) -> None:
    with pytest.raises(InvalidParameter, match="no such parameter") as caught:
        Runner(flow_file, show_output=False).run(m=4)

    assert "n, names and wait-for" in caught.value.hint


def test_the_name_of_a_parameter_may_be_written_as_python_has_to(flow_file: Path) -> None:
    done = Runner(flow_file, show_output=False).run(wait_for=str(flow_file))

    assert done.run.parameters["wait_for"] == str(flow_file)


def test_values_that_json_knows_in_another_form_arrive(flow_file: Path) -> None:
    done = Runner(flow_file, show_output=False).run(wait_for=flow_file, names=(date(2030, 1, 31), flow_file))

    assert done.run.parameters["names"] == ["2030-01-31", str(flow_file)]


def test_a_resume_takes_over_what_succeeded(flow_file: Path) -> None:
    runner = Runner(flow_file, show_output=False)
    runner.run(n=2)
    runner.run(n=13)

    newest = runner.resume(n=3)
    named = runner.resume("end", origin_run_id=1)

    assert newest.run.origin_pathspec == "SumFlow/2"
    assert named.run.origin_pathspec == "SumFlow/1"
    assert named.run.data is not None
    assert named.run.data.total == 2


def test_a_resume_that_cannot_be_is_refused(flow_file: Path) -> None:
    runner = Runner(flow_file, show_output=False)

    with pytest.raises(NothingToResume):
        runner.resume()
    with pytest.raises(UnknownStep):
        runner.resume("nowhere")


def test_options_of_the_command_line_are_keywords(flow_file: Path) -> None:
    runner = Runner(flow_file, show_output=False, quiet=True, tags=["all"], decospecs=["resources:cpu=1"])

    done = runner.run(max_workers=1, tags=["mine"])

    assert done.stdout == ""
    assert done.run.user_tags == {"mine"}


def test_an_option_that_does_not_exist_is_said_in_the_words_of_the_command_line(flow_file: Path) -> None:
    with pytest.raises(NotStarted, match=r"No such option.*--colour"):
        Runner(flow_file, show_output=False, colour="red").run()


def test_a_file_that_fails_when_it_is_imported_says_why(flow_file: Path) -> None:
    flow_file.write_text("import no_such_module_at_all")

    with pytest.raises(NotStarted, match="No module named 'no_such_module_at_all'"):
        Runner(flow_file, show_output=False).run()


def test_there_has_to_be_a_file(tmp_path: Path) -> None:
    with pytest.raises(NoFlow, match="is not a file"):
        Runner(tmp_path / "nothing.py")


def test_a_run_uses_the_environment_and_the_folder_that_it_is_given(flow_file: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()

    done = Runner(flow_file, show_output=False, cwd=other, env={"FLAGSTONE_HOME": str(tmp_path / "second")}).run(n=5)

    assert (tmp_path / "second" / "flagstone.db").exists()
    assert done.run.data is not None
    assert done.run.data.total == 5


def test_a_run_is_seen_whatever_the_namespace_is_here(flow_file: Path) -> None:
    done = Runner(flow_file, show_output=False, env={"FLAGSTONE_USER": "somebody-else"}).run()

    assert done.run.user == "somebody-else"


def test_ctrl_c_ends_the_run_and_it_is_recorded_as_cancelled(flow_file: Path) -> None:
    program = f"from flagstone import Runner\nRunner({str(flow_file)!r}).run(wait_for='/nowhere/at/all')\n"
    process = subprocess.Popen(
        [sys.executable, "-u", "-c", program], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout is not None
    for line in process.stdout:
        if "counting" in line:
            break

    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)

    resumed = Runner(flow_file, show_output=False).resume(wait_for="")
    origin = resumed.run.parent["1"]
    assert process.returncode != 0
    assert origin.status == "cancelled"


def test_a_runner_works_in_any_thread(flow_file: Path) -> None:
    found: list[str] = []

    thread = threading.Thread(target=lambda: found.append(Runner(flow_file, show_output=False).run().status))
    thread.start()
    thread.join()

    assert found == ["successful"]


def test_nothing_is_left_in_the_folder_of_temporary_files(
    flow_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))

    with Runner(flow_file, show_output=False) as runner:
        done = runner.run()

    assert os.listdir(folder) == []
    assert "counted 1" in done.stdout


def test_a_spin_gives_the_task_and_leaves_no_run_behind(flow_file: Path) -> None:
    runner = Runner(flow_file, show_output=False)
    origin = runner.run(n=4).run

    spun = runner.spin("end")
    kept = runner.spin("SumFlow/1/start", persist=True)

    assert spun.status == "successful"
    assert spun.task.data.total == 4
    assert "counted 4" in spun.task.stdout
    assert kept.task.pathspec.startswith("SumFlow/2/start/")
    assert [run.id for run in origin.parent] == ["2", "1"]


def test_a_spin_of_what_is_not_there_is_refused(flow_file: Path) -> None:
    with pytest.raises(FlagstoneError, match="SumFlow"):
        Runner(flow_file, show_output=False).spin("SumFlow/1/end")
