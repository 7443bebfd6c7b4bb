"""`run` and `resume`, as a script's verb and as `flagstone run FILE`."""

import json

import pytest

from tests.unit.cli.person import Person

FLOW = """
    from flagstone import FlowSpec, JSONType, Parameter, step

    class SmallFlow(FlowSpec):
        n = Parameter("n", type=int, required=True)
        j = Parameter("j", type=JSONType, default="[]")

        @step
        def start(self):
            print("n is", self.n)
            self.next(self.end)

        @step
        def end(self):
            if self.n == 13:
                raise ValueError("bad luck")

    class OtherFlow(FlowSpec):
        @step
        def start(self):
            self.next(self.end)

        @step
        def end(self):
            pass

    if __name__ == "__main__":
        SmallFlow()
"""


@pytest.fixture
def author(person: Person) -> Person:
    """Somebody with a flow that dislikes 13."""
    person.writes(FLOW)
    return person


def test_a_run_is_told_and_its_number_written_down(author: Person) -> None:
    said = author.flow("run", "--n", "7", "--run-id-file", "number", "--tag", "mine")

    assert said.status == 0
    assert "[SmallFlow/1/start/1] n is 7" in said.out
    assert 'Read it with Run("SmallFlow/1")' in said.out
    assert said.err == ""
    assert (author.work / "number").read_text() == "1"


@pytest.mark.parametrize(
    "words",
    [
        ["--n", "abc"],
        [],
        ["--n", "1", "--j", "{oops"],
        ["--n", "1", "--nope", "2"],
        ["--n"],
        ["--n", "1", "--max-workers", "0"],
    ],
)
def test_wrong_input_is_refused_before_anything_runs(author: Person, words: list[str]) -> None:
    said = author.flow("run", *words)

    assert said.status == 2
    assert said.out == ""
    assert "Traceback" not in said.err
    assert not (author.home / "flagstone.db").exists()


def test_the_environment_gives_parameters(author: Person) -> None:
    assert "n is 5" in author.flow("run", FLAGSTONE_RUN_N="5").out


def test_events_come_as_json_and_nothing_else_on_stdout(author: Person) -> None:
    said = author.flow("run", "--n", "7", "--json")

    events = [json.loads(line) for line in said.out.splitlines()]
    assert [event["event"] for event in events if event["event"].startswith("Run")] == ["RunStarted", "RunEnded"]
    assert any(event.get("data") == "n is 7\n" for event in events)


@pytest.mark.parametrize("words", [[], ["--quiet"], ["--json"]])
def test_a_failure_ends_with_the_traceback_and_the_way_on(author: Person, words: list[str]) -> None:
    said = author.flow("run", "--n", "13", *words)

    assert said.status == 1
    assert "ValueError: bad luck" in said.err
    assert "flagstone logs SmallFlow/1/end/2" in said.err
    assert "python flow.py resume" in said.err
    assert "flagstone/engine" not in said.err


def test_a_failed_run_is_resumed_with_another_parameter(author: Person) -> None:
    author.flow("run", "--n", "13")

    assert author.flow("resume").status == 1
    said = author.flow("resume", "--n", "14", "--origin-run-id", "1")

    assert said.status == 0
    assert "resumes SmallFlow/1" in said.out


def test_resume_of_an_unknown_step_lists_the_steps(author: Person) -> None:
    author.flow("run", "--n", "1")

    said = author.flow("resume", "edn")

    assert said.status == 2
    assert "start, end" in said.err


def test_the_command_runs_a_file_like_its_script(author: Person) -> None:
    said = author.flagstone("run", "flow.py", "--n", "13")

    assert said.status == 1
    assert "[SmallFlow/1/start/1] n is 13" in said.out
    assert "flagstone resume flow.py" in said.err
    assert author.flagstone("resume", "flow.py", "--n", "14").status == 0


def test_the_command_runs_one_of_several_flows(author: Person) -> None:
    assert "OtherFlow/1" in author.flagstone("run", "flow.py:OtherFlow").out


def test_help_behind_the_file_shows_the_flows_parameters(author: Person) -> None:
    assert "--n INTEGER" in author.flagstone("run", "flow.py", "--help").out
    assert "FILE is the flow's Python file" in author.flagstone("run", "--help").out


@pytest.mark.parametrize(
    ("source", "status", "problem"),
    [
        (None, 1, "cannot be read"),
        ("x = 1\n", 1, "defines no flow"),
        ("import nothing_of_this_name\n", 1, "ModuleNotFoundError"),
        ("def broken(:\n", 1, "SyntaxError"),
    ],
)
def test_a_file_without_a_flow_is_refused(person: Person, source: str | None, status: int, problem: str) -> None:
    if source is not None:
        person.writes(source)

    said = person.flagstone("run", "flow.py")

    assert said.status == status
    assert problem in said.err
    assert "Traceback" not in said.err


def test_the_words_before_a_file_are_explained(person: Person) -> None:
    said = person.flagstone("run")

    assert said.status == 2
    assert "Missing argument 'FILE'" in said.err
