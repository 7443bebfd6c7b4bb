"""`show` at each level of a pathspec, and of a flow."""

import json

from tests.unit.cli.conftest import Ask
from tests.unit.cli.person import Person


def test_a_run_shows_its_steps_and_why_it_failed(ask: Ask) -> None:
    text = ask("show", "TaleFlow/1").out

    assert text.startswith("TaleFlow/1  failed\n")
    assert "by ann" in text
    assert 'alpha=2  shape={"a": [1]}' in text
    lines = {line.split()[0]: line.split() for line in text.splitlines() if line}
    assert lines["STEP"] == ["STEP", "TASKS", "DONE", "RUNNING", "FAILED", "TOOK"]
    assert lines["work"][:4] == ["work", "3", "2", "1"]
    assert "ValueError: item b is bad" in text
    assert "python flow.py resume" in text


def test_a_good_run_shows_no_way_on(ask: Ask) -> None:
    assert "resume" not in ask("show", "TaleFlow/latest").out


def test_a_run_as_json(ask: Ask) -> None:
    run = json.loads(ask("show", "TaleFlow/1", "--json").out)

    assert [step["step"] for step in run["steps"]][:2] == ["start", "work"]
    work = {"step": "work", "tasks": 3, "succeeded": 2, "failed": 1, "seconds": 0, "taken": True}
    assert run["steps"][1] | {"seconds": 0} == work
    assert run["failures"][0]["exception"]["type"].endswith("ValueError")


def test_a_flow_shows_its_runs(ask: Ask) -> None:
    assert [line.split()[0] for line in ask("show", "TaleFlow").out.splitlines()] == ["RUN", "TaleFlow/2", "TaleFlow/1"]
    assert json.loads(ask("show", "TaleFlow", "--json").out)["flow"] == "TaleFlow"


def test_a_step_shows_its_tasks(ask: Ask) -> None:
    lines = ask("show", "TaleFlow/1/work").out.splitlines()

    assert len(lines) == 4
    assert sum("failed" in line for line in lines) == 1
    assert any("'b'" in line and "ValueError: item b is bad" in line for line in lines)
    assert len(json.loads(ask("show", "TaleFlow/1/work", "--json").out)) == 3


def test_a_step_that_a_run_never_came_to_says_so(ask: Ask) -> None:
    assert ask("show", "TaleFlow/1/end").out == "TaleFlow/1/end has no tasks: not reached\n"


def test_a_task_shows_its_artifacts_without_reading_them(ask: Ask) -> None:
    lines = ask("show", "TaleFlow/1/start/1").out.splitlines()

    assert lines[0] == "TaleFlow/1/start/1  succeeded"
    assert any(line.startswith("block") and "bytes" in line and "1.0 MiB" in line for line in lines)
    assert any(line.startswith("items") and "['a', 'b', 'c']" in line for line in lines)
    assert not any("_secret" in line for line in lines)
    assert any("of stdout and" in line and "flagstone logs TaleFlow/1/start/1" in line for line in lines)


def test_a_failed_task_shows_what_it_had_and_why_it_failed(ask: Ask) -> None:
    failed = json.loads(ask("show", "TaleFlow/1", "--json").out)["failures"][0]["task"]

    text = ask("show", failed).out

    assert "half" in text
    assert "Traceback (most recent call last):" in text
    assert "ValueError: item b is bad" in text
    assert "flagstone/engine" not in text


def test_a_task_as_json(ask: Ask) -> None:
    task = json.loads(ask("show", "TaleFlow/1/start/1", "--json").out)

    artifacts = {artifact["name"]: artifact for artifact in task["artifacts"]}
    assert artifacts["items"]["preview"] == "['a', 'b', 'c']"
    assert len(artifacts["block"]["digest"]) == 64


def test_an_artifact_and_a_parameter_show_their_previews(ask: Ask) -> None:
    assert "['a', 'b', 'c']" in ask("show", "TaleFlow/1/start/1/items").out
    assert json.loads(ask("show", "TaleFlow/1/start/1/alpha", "--json").out)["preview"] == "2"


def test_a_script_shows_its_steps(teller: Person) -> None:
    text = teller.flow("show").out

    assert "Tells a tale." in text
    assert "=> work, for each of self.items" in text
    assert teller.flow("show", "--as", "dot").out.startswith("digraph")
    assert teller.flow("show", "--as", "mermaid").out.startswith("flowchart")
    assert json.loads(teller.flow("show", "--json").out)["steps"]["join"]["type"] == "join"


def test_steps_are_drawn_by_short_options_of_a_file_and_of_a_run(teller: Person, ask: Ask) -> None:
    assert teller.flow("show", "--dot").out == teller.flow("output-dot").out
    assert teller.flow("show", "--mermaid").out.startswith("flowchart")
    assert ask("show", "flow.py", "--dot").out.startswith('digraph "TaleFlow"')
    assert ask("show", "TaleFlow/1", "--dot").out == ask("output-dot", "flow.py").out
    assert json.loads(ask("show", "flow.py:TaleFlow", "--json").out)["flow"] == "TaleFlow"
    assert json.loads(ask("output-raw", "flow.py", "--json").out) == json.loads(teller.flow("show", "--json").out)
    assert teller.flow("output-raw").out.startswith("start: {'type': 'split-foreach'")
