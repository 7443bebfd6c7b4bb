"""`logs` prints what tasks printed: one or several tasks, one or both streams, with times, and while they run."""

import json
import re
import subprocess
import sys

import pytest

from tests.unit.cli.conftest import Ask
from tests.unit.cli.person import Person


def test_a_tasks_output_is_printed_as_it_was(ask: Ask) -> None:
    assert sorted(ask("logs", "TaleFlow/1/start/1").out.splitlines()) == ["a warning", "laid out"]


@pytest.mark.parametrize(("option", "line"), [("--stdout", "laid out\n"), ("--stderr", "a warning\n")])
def test_one_stream_alone(ask: Ask, option: str, line: str) -> None:
    assert ask("logs", "TaleFlow/1/start/1", option).out == line


def test_several_tasks_are_told_apart(ask: Ask) -> None:
    lines = ask("logs", "TaleFlow/2/work").out.splitlines()

    assert sorted(re.sub(r"/\d+", "", line) for line in lines) == [f"[work] working on {item}" for item in "abc"]
    assert len(ask("logs", "TaleFlow/2").out.splitlines()) == 5


def test_times_are_told(ask: Ask) -> None:
    line = ask("logs", "TaleFlow/1/start/1", "--stdout", "--timestamps").out

    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d laid out\n", line)


def test_the_newest_attempt_may_be_named(ask: Ask) -> None:
    assert ask("logs", "TaleFlow/1/start/1", "--attempt", "0", "--stdout").out == "laid out\n"

    said = ask("logs", "TaleFlow/1/start/1", "--attempt", "3")
    assert said.status == 1
    assert "attempt 3 of TaleFlow/1/start/1 does not exist" in said.err


def test_silence_is_a_word_on_stderr(ask: Ask) -> None:
    said = ask("logs", "TaleFlow/2/end")

    assert (said.status, said.out, said.err) == (0, "", "nothing was printed\n")


def test_following_a_run_that_is_over_prints_it_and_ends(ask: Ask) -> None:
    followed, printed = ask("logs", "-f", "TaleFlow/2/work").out, ask("logs", "TaleFlow/2/work").out

    assert sorted(followed.splitlines()) == sorted(printed.splitlines())


def test_show_may_be_said_or_left_out(ask: Ask) -> None:
    for words in (["logs", "show", "TaleFlow/1/start/1"], ["logs", "--both", "TaleFlow/1/start/1"]):
        assert sorted(ask(*words).out.splitlines()) == ["a warning", "laid out"]


def test_only_lines_that_match(ask: Ask) -> None:
    said = ask("logs", "TaleFlow/2", "--grep", "working on [ab]$")
    assert said.status == 0
    assert sorted(re.sub(r"/\d+", "", line) for line in said.out.splitlines()) == [
        "[work] working on a",
        "[work] working on b",
    ]

    assert sorted(ask("logs", "-f", "TaleFlow/2", "--grep", "working on [ab]$").out.splitlines()) == sorted(
        said.out.splitlines()
    )
    nothing = ask("logs", "TaleFlow/2", "--grep", "^on")
    assert (nothing.status, nothing.out, nothing.err) == (1, "", "no line matches\n")

    wrong = ask("logs", "TaleFlow/2", "--grep", "[")
    assert wrong.status == 2
    assert "'[' is no regular expression" in wrong.err


def test_lines_as_json(ask: Ask) -> None:
    lines = [json.loads(line) for line in ask("logs", "TaleFlow/2", "--json", "--stdout").out.splitlines()]

    assert {line["line"] for line in lines} == {"laid out", *(f"working on {item}" for item in "abc")}
    assert lines[0] | {"time": ""} == {
        "task": "TaleFlow/2/start/1",
        "attempt": 0,
        "time": "",
        "stream": "stdout",
        "line": "laid out",
    }
    assert [line["time"] for line in lines] == sorted(line["time"] for line in lines)


def test_a_run_is_followed_while_it_runs(person: Person) -> None:
    person.writes("""
        import sys, time
        from flagstone import FlowSpec, step
        class SlowFlow(FlowSpec):
            @step
            def start(self):
                print("first")
                while not sys.modules["os"].path.exists("go"):
                    time.sleep(0.02)
                print("second")
                self.next(self.end)
            @step
            def end(self):
                print("third")
        if __name__ == "__main__":
            SlowFlow()
    """)
    environment = person.environment(PYTHONUNBUFFERED="1")
    run = subprocess.Popen(
        [sys.executable, "flow.py", "run"], cwd=person.work, env=environment, stdout=subprocess.PIPE, text=True
    )
    assert run.stdout is not None
    next(line for line in run.stdout if line.rstrip().endswith("first"))
    following = subprocess.Popen(
        [sys.executable, "-m", "flagstone", "logs", "-f", "SlowFlow/1"],
        cwd=person.work,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert following.stdout is not None

    first = following.stdout.readline()
    still_running = run.poll() is None
    (person.work / "go").touch()
    rest, _ = following.communicate(timeout=30)
    run.communicate(timeout=30)

    assert (first, still_running) == ("[start/1] first\n", True)
    assert rest == "[start/1] second\n[end/2] third\n"
    assert following.returncode == 0
