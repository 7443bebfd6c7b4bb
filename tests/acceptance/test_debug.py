"""`debug` opens a past task as it stood: at a prompt, in a debugger that runs the step again, or in a notebook."""

import json
import subprocess
import sys
from typing import Any

import pytest

from flagstone import open_task
from tests.acceptance.household import Done, Household
from tests.acceptance.keyboard import PROMPT, at_terminal

BUGGY = """
import dataclasses

@dataclasses.dataclass
class Row:
    price: int

def doubled(value):
    return value * 2

class BuggyFlow(FlowSpec):
    scale = Parameter("scale", default=10)
    limit = 3

    @step
    def start(self):
        self.rows = [Row(3), Row(0), Row(5)]
        self.seen = []
        self.next(self.parse, foreach="rows")

    @step
    def parse(self):
        local = self.input.price
        self.seen.append(local)
        self.scaled = self.times(local)
        self.part = self.scale // local
        self.next(self.join)

    @step
    def join(self, inputs):
        self.total = sum(i.part for i in inputs)
        self.next(self.end)

    @step
    def end(self):
        pass

    def times(self, value):
        return value * self.scale
"""

GOOD = BUGGY.replace("self.scale // local", "self.scale // (local or 1)")


def say(house: Household, text: str, *words: object) -> Done:
    """What the prompt answers to these lines."""
    done = subprocess.run(
        [sys.executable, *map(str, words)],
        cwd=house.work,
        env=house.environment,
        input=text,
        text=True,
        capture_output=True,
        timeout=60,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def failed(house: Household) -> str:
    """The task that failed in the newest run."""
    (task,) = [task for task in house.latest("BuggyFlow")["parse"] if task.status == "failed"]
    return str(task.pathspec)


def test_the_prompt_has_the_artifacts_as_they_stood_when_the_task_failed(house: Household) -> None:
    house.write(BUGGY)
    house.run("flow.py", "run", status=1)
    lines = (
        "print(scaled, seen, rows[0], self.input, self.index, self.scale, scale, self.times(4), doubled(21), limit)\n"
    )

    done = say(house, lines + "print(current.pathspec, current.step_name)\n", "-m", "flagstone", "debug", failed(house))

    assert done.status == 0
    assert "ZeroDivisionError" in done.err
    assert "0 [0] Row(price=3) Row(price=0) 1 10 10 40 42 3" in done.out
    assert f"{failed(house)} parse" in done.out


def test_in_a_flows_own_script_the_step_is_enough_or_nothing_at_all(house: Household) -> None:
    house.write(BUGGY)
    house.run("flow.py", "run", status=1)
    pathspec = failed(house)

    for words in ((), ("parse",), ("1/parse",), ("latest/parse",)):
        done = say(house, "print(current.pathspec)\n", "flow.py", "debug", *words)
        assert done.status == 0
        assert pathspec in done.out


def test_the_inputs_of_a_join_are_there(house: Household) -> None:
    house.write(GOOD)
    house.run("flow.py", "run")

    done = say(house, "print([i.part for i in inputs], total)\n", "flow.py", "debug", "join")

    assert "[3, 10, 2] 15" in done.out
    assert "succeeded" in done.err


def test_what_is_done_at_the_prompt_is_recorded_nowhere(house: Household) -> None:
    house.write(GOOD)
    house.run("flow.py", "run")

    done = say(
        house, "self.total = 99\ntotal = 98\nself.next(self.end)\nself.next(self.end)\n", "flow.py", "debug", "join"
    )

    assert "Error" not in done.err
    assert house.value("BuggyFlow", "total", "join") == 15


def test_an_artifact_that_cannot_be_read_spoils_nothing_but_itself(house: Household) -> None:
    house.write(GOOD)
    house.run("flow.py", "run")
    house.write(GOOD.replace("class Row", "class Line").replace("Row(", "Line("))

    done = say(house, "rows\nprint(seen)\n", "flow.py", "debug", "parse")

    assert "and is not defined here" in done.err
    assert "[3]" in done.out


def test_the_prompt_at_a_terminal_completes_names(house: Household) -> None:
    house.write(BUGGY)
    house.run("flow.py", "run", status=1)

    with at_terminal(house, "flow.py", "debug", "--plain") as person:
        person.expect(">>> ")
        person.type("see\t\n")
        person.expect("[0]")
        person.answer(">>> ", "exit()")
        status = person.leaves()

    assert status == 0


def test_where_ipython_is_installed_the_prompt_is_its(house: Household) -> None:
    house.write(BUGGY)
    house.run("flow.py", "run", status=1)

    with at_terminal(house, "flow.py", "debug", IPYTHONDIR=str(house.work / "ipython")) as person:
        person.expect("In [1]:")
        person.type("print('found', scaled, self.index, Row(1))\r")
        person.expect("found 0 1 Row(price=1)")
        person.type("exit()\r")
        status = person.leaves()

    assert status == 0


def test_with_pdb_the_step_runs_again_and_stops_where_it_fails(house: Household) -> None:
    house.write(BUGGY)
    house.run("flow.py", "run", status=1)

    with at_terminal(house, "-m", "flagstone", "debug", failed(house), "--pdb") as person:
        person.answer(PROMPT, "p 'local is', local, self.input")
        person.expect("('local is', 0, Row(price=0))")
        person.answer(PROMPT, "q")
        status = person.leaves()

    assert status == 1
    assert len(list(house.latest("BuggyFlow").parent)) == 1


def test_with_break_the_step_stops_at_a_line(house: Household) -> None:
    path = house.write(GOOD)
    house.run("flow.py", "run")
    line = path.read_text().splitlines().index("        self.part = self.scale // (local or 1)") + 1

    with at_terminal(house, "flow.py", "debug", "parse", "--break", f"flow.py:{line}") as person:
        person.expect("-> self.part = ")
        person.answer(PROMPT, "p 'scaled is', self.scaled")
        person.expect("('scaled is', 30)")
        person.answer(PROMPT, "c")
        status = person.leaves()

    assert status == 0


@pytest.mark.parametrize(
    ("where", "words"),
    [("flow.py:x", "as in flow.py:14"), ("flow.py:9999", "no code from line 9999"), ("none.py:3", "cannot be read")],
)
def test_a_line_to_break_at_that_is_none_is_explained(house: Household, where: str, words: str) -> None:
    house.write(GOOD)
    house.run("flow.py", "run")

    with at_terminal(house, "flow.py", "debug", "parse", "--break", where, COLUMNS="300") as person:
        status = person.leaves()

    assert status == 3
    assert words in " ".join(person.seen.split())


def test_a_debugger_needs_a_terminal(house: Household) -> None:
    house.write(GOOD)
    house.run("flow.py", "run")

    done = house.run("flow.py", "debug", "parse", "--pdb", status=1)

    assert "--pdb needs a terminal" in done.err


@pytest.mark.parametrize("step", ["parse", "join"])
def test_a_notebook_opens_the_task_and_runs_its_step(house: Household, step: str) -> None:
    house.write(GOOD)
    house.run("flow.py", "run")

    house.run("flow.py", "debug", step, "--notebook", "look.ipynb")

    book: dict[str, Any] = json.loads((house.work / "look.ipynb").read_text("utf-8"))
    assert (book["nbformat"], book["nbformat_minor"]) == (4, 5)
    assert len({cell["id"] for cell in book["cells"]}) == len(book["cells"])
    code = ["".join(cell["source"]) for cell in book["cells"] if cell["cell_type"] == "code"]
    result = {"parse": "print(self.part, self.seen, left.part, Row(1), doubled(2))", "join": "print(self.total)"}[step]
    house.write("\n".join([*code, result]), "cells.py")
    house.environment["FLAGSTONE_HOME"] = str(house.work / "elsewhere")
    done = house.run("cells.py")
    assert done.out.strip() in ("3 [3] 3 Row(price=1) 4", "15")


def test_the_notebook_of_a_failed_task_tells_why(house: Household) -> None:
    house.write(BUGGY)
    house.run("flow.py", "run", status=1)

    house.flagstone("debug", failed(house), "--notebook", "look.ipynb")

    book = json.loads((house.work / "look.ipynb").read_text("utf-8"))
    assert "ZeroDivisionError" in "".join(book["cells"][0]["source"])


def test_a_task_is_opened_from_python_too(house: Household) -> None:
    house.write(GOOD)
    house.run("flow.py", "run")

    opened = open_task("BuggyFlow/1/join")
    begun = open_task("BuggyFlow/1/parse", begun=True)

    assert opened.self.total == 15
    assert opened.inputs is not None
    assert [i.part for i in opened.inputs] == [3, 10, 2]
    assert begun.self.seen == []


@pytest.mark.parametrize(
    ("words", "status", "text"),
    [
        (("nope",), 2, "no step called 'nope'"),
        (("--notebook", "a.ipynb", "--pdb"), 2, "runs nothing"),
        ((), 1, "a task that failed in the newest run"),
        (("parse", "--notebook", "no/such/folder/a.ipynb"), 3, "No such file"),
    ],
)
def test_what_cannot_be_debugged_is_explained(house: Household, words: tuple[str, ...], status: int, text: str) -> None:
    house.write(GOOD)
    house.run("flow.py", "run")

    done = house.run("flow.py", "debug", *words, status=status)

    assert text in done.err


def test_what_there_would_be_at_the_prompt_is_told_as_json(house: Household) -> None:
    house.write(GOOD)
    house.run("flow.py", "run")

    done = house.run("flow.py", "debug", "join", "--json")

    facts = json.loads(done.out)
    assert facts["task"].startswith("BuggyFlow/1/join/")
    assert len(facts["inputs"]) == 3
    assert [one["name"] for one in facts["artifacts"]] == ["total"]


def test_a_failed_run_names_debug_among_what_helps(house: Household) -> None:
    house.write(BUGGY)

    done = house.run("flow.py", "run", status=1)

    assert f"flagstone debug {failed(house)}" in done.err
