"""`spin` runs one step of the present code against what a past task was given, and leaves no run behind."""

import json
from typing import Any

import pytest

from flagstone import Flow, Task, default_metadata, inspect_spin
from flagstone.app import spin_area
from tests.acceptance.household import Household
from tests.acceptance.keyboard import PROMPT, at_terminal

MANY = """
import sys

class ManyFlow(FlowSpec):
    n = Parameter("n", default=2)
    k = 5

    @step
    def start(self):
        self.rows = ["a", "b", "c"]
        self.base = self.n * 10
        self.next(self.left, self.outer)

    @step
    def outer(self):
        self.inner = [1, 2]
        self.letter = "x"
        self.next(self.each, foreach="rows")

    @step
    def each(self):
        self.letter = self.input
        self.next(self.deep, foreach="inner")

    @step
    def deep(self):
        self.got = f"{self.letter}{self.input}-{self.index}-{self.n}-{self.k}"
        self.stack = self.foreach_stack()
        print("deep says", self.got)
        print("deep warns", file=sys.stderr)
        self.next(self.gather)

    @step
    def gather(self, inputs):
        self.got = [i.got for i in inputs]
        self.next(self.collect)

    @step
    def collect(self, inputs):
        self.got = [i.got for i in inputs]
        self.next(self.meet)

    @step
    def left(self):
        self.side = "left"
        self.next(self.meet)

    @step
    def meet(self, inputs):
        self.order = [hasattr(i, "side") for i in inputs]
        self.got = inputs.collect.got
        self.side = inputs.left.side
        self.next(self.end)

    @step
    def end(self):
        self.total = len(self.got) + self.n
"""

STEPS = ("start", "left", "outer", "each", "deep", "gather", "collect", "meet", "end")


def spun(house: Household, *words: str, status: int = 0) -> dict[str, Any]:
    """The last object that `spin --json` says."""
    done = house.run("flow.py", "spin", "--json", *words, status=status)
    facts: dict[str, Any] = json.loads(done.out.splitlines()[-1])
    return facts


def test_every_kind_of_step_leaves_the_same_from_the_same_inputs(house: Household) -> None:
    house.write(MANY)
    house.run("flow.py", "run", "--n", "7")

    for name in STEPS:
        facts = spun(house, name)
        assert facts["status"] == "succeeded"
        assert {one["verdict"] for one in facts["artifacts"]} <= {"same"}, (name, facts["artifacts"])
        assert facts["missing"] == []


def test_each_task_of_a_nested_foreach_finds_its_own_elements(house: Household) -> None:
    house.write(MANY)
    house.run("flow.py", "run")
    tasks = list(house.latest("ManyFlow")["deep"])

    for task in tasks[:3]:
        facts = spun(house, task.pathspec)
        (got,) = [one for one in facts["artifacts"] if one["name"] == "got"]
        assert got["preview"] == repr(task.data.got)
        assert {one["verdict"] for one in facts["artifacts"]} == {"same"}


def test_the_present_code_is_run_and_what_differs_is_told(house: Household) -> None:
    house.write(MANY)
    house.run("flow.py", "run")
    house.write(MANY.replace("len(self.got) + self.n", "len(self.got) * 100\n        self.extra = 1"))

    done = house.run("flow.py", "spin", "end")

    rows = {line.split()[0]: line.split()[-1] for line in done.out.splitlines() if line.startswith(("total", "extra"))}
    assert rows == {"total": "differs", "extra": "new"}
    assert 'Task("ManyFlow/1/end/1").data' in done.out


def test_what_the_step_prints_is_shown_as_it_is(house: Household) -> None:
    house.write(MANY)
    house.run("flow.py", "run")

    done = house.run("flow.py", "spin", "1/deep")

    assert done.out.startswith("deep says ")
    assert done.err == "deep warns\n"


def test_a_spin_is_no_run_and_can_be_read_all_the_same(house: Household) -> None:
    house.write(MANY)
    house.run("flow.py", "run")

    house.run("flow.py", "spin", "ManyFlow/1/end")

    assert [run.id for run in Flow("ManyFlow")] == ["1"]
    assert "ManyFlow/2" not in house.flagstone("runs").out
    try:
        inspect_spin()
        task = Task("ManyFlow/1/end/1")
        assert task.data.total == 5
        assert task.parent.parent.origin_pathspec == "ManyFlow/1"
        assert Task("ManyFlow/latest/end/1") == task
    finally:
        default_metadata()
    house.assert_whole()


def test_only_the_newest_spins_are_kept(house: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    house.write(MANY)
    house.run("flow.py", "run")
    for _ in range(3):
        house.run("flow.py", "spin", "end")
    monkeypatch.setattr(spin_area, "KEPT", 2)

    spin_area.forget_old(spin_area.open_area(house.workspace.settings))

    try:
        inspect_spin(str(house.home))
        assert [run.id for run in Flow("ManyFlow")] == ["3", "2"]
    finally:
        default_metadata()


def test_a_persisted_spin_is_a_run_with_a_tag_that_nothing_takes_for_the_latest(house: Household) -> None:
    house.write(MANY)
    house.run("flow.py", "run")

    facts = spun(house, "end", "--persist", "--tag", "tried")

    assert facts["task"] == "ManyFlow/2/end/1"
    assert {"spin", "tried"} <= Task(facts["task"]).tags
    assert house.latest("ManyFlow").id == "1"
    assert "spin" in house.flagstone("runs", "ManyFlow").out
    refused = house.run("flow.py", "resume", "--origin-run-id", "2", status=2)
    assert "made by `spin`" in refused.err
    house.assert_whole()


def test_artifacts_of_a_file_replace_what_is_inherited(house: Household) -> None:
    house.write(MANY)
    house.run("flow.py", "run")
    house.write("ARTIFACTS = {'got': list(range(40)), 'n': 1000}\n", "instead.py")

    facts = spun(house, "end", "--artifacts-module", "instead.py")

    values = {one["name"]: one["preview"] for one in facts["artifacts"]}
    assert values["total"] == "1040"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("VALUES = {}", "does not define ARTIFACTS"),
        ("ARTIFACTS = [1]", "ARTIFACTS is a list"),
        ("ARTIFACTS = {1: 2}", "cannot be the name"),
        ("x = 1\n1 / 0", "instead.py:2"),
    ],
)
def test_a_file_of_artifacts_that_is_not_right_is_explained(house: Household, text: str, words: str) -> None:
    house.write(MANY)
    house.run("flow.py", "run")
    house.write(text, "instead.py")

    done = house.run("flow.py", "spin", "end", "--artifacts-module", "instead.py", status=None)

    assert done.status != 0
    assert words in done.err


def test_a_step_that_failed_can_be_mended_and_tried(house: Household) -> None:
    broken = MANY.replace("self.total = ", "self.half = 1\n        self.total = 1 / 0 + ")
    house.write(broken)
    house.run("flow.py", "run", status=1)

    again = house.run("flow.py", "spin", "end", status=1)
    house.write(MANY)
    mended = house.run("flow.py", "spin", "end")

    assert "ZeroDivisionError: division by zero" in again.err
    assert 'flow.py", line' in again.err
    assert "half" in again.out
    assert "not there any more: half" in mended.out


def test_tasks_of_a_resumed_run_are_spun_from_the_tasks_that_it_took_over(house: Household) -> None:
    house.write(MANY.replace("self.total = ", "self.total = 1 / 0 + "))
    house.run("flow.py", "run", status=1)
    house.write(MANY)
    house.run("flow.py", "resume")

    for name in ("deep", "collect", "meet", "end"):
        facts = spun(house, f"2/{name}")
        assert {one["verdict"] for one in facts["artifacts"]} == {"same"}, name


@pytest.mark.parametrize(
    ("pathspec", "words"),
    [
        ("nope", "no step called 'nope'"),
        ("1/nope", "no step called 'nope'"),
        ("9/end", "ManyFlow/9/end does not exist"),
        ("1/end/1", "ManyFlow/1/end/1 does not exist"),
        ("OtherFlow/1/end/1", "another flow than ManyFlow"),
        ("a/b/c/d/e", "is not a pathspec"),
        ("", "is not a pathspec"),
    ],
)
def test_a_task_that_is_not_there_is_explained(house: Household, pathspec: str, words: str) -> None:
    house.write(MANY)
    house.run("flow.py", "run")

    done = house.run("flow.py", "spin", pathspec, status=None)

    assert done.status != 0
    assert words in done.err


def test_a_step_of_which_the_newest_run_has_no_task_is_taken_from_the_run_before(house: Household) -> None:
    house.write(MANY)
    house.run("flow.py", "run")
    house.write(MANY.replace("self.rows = ", "self.rows = 1 / 0, "))
    house.run("flow.py", "run", status=1)
    house.write(MANY)

    facts = spun(house, "end")

    assert facts["origin"].startswith("ManyFlow/1/end/")


def test_breakpoints_and_pdb_work_in_a_spin(house: Household) -> None:
    house.write(MANY.replace("self.total = ", "here = 77\n        self.total = 1 / 0 + "))
    house.run("flow.py", "run", status=1)

    with at_terminal(house, "flow.py", "spin", "end", "--pdb") as person:
        person.answer(PROMPT, "p 'here is', here")
        person.expect("('here is', 77)")
        person.answer(PROMPT, "q")
        status = person.leaves()

    assert status == 1


def test_current_speaks_of_the_spin_itself(house: Household) -> None:
    house.write(MANY)
    house.run("flow.py", "run")
    lines = "from flagstone import current\n        print(current.run.pathspec, current.run.origin_pathspec)\n        "
    house.write(MANY.replace("self.total = ", f"{lines}self.total = "))

    done = house.run("flow.py", "spin", "end")

    assert done.out.startswith("ManyFlow/1 ManyFlow/1\n")


def test_quiet_says_nothing_of_a_success(house: Household) -> None:
    house.write(MANY)
    house.run("flow.py", "run")

    done = house.flagstone("spin", "flow.py", "1/deep", "--quiet", "--max-log-size", "10")

    assert done.text == ""


def test_nothing_to_inspect_is_an_error_that_says_so(house: Household) -> None:
    house.write(MANY)
    house.run("flow.py", "run")

    with pytest.raises(Exception, match="a spin does not exist"):
        inspect_spin()


LAPS = """
from flagstone import catch, current, parallel, retry, timeout

class LapsFlow(FlowSpec):
    most = Parameter("most", default=3)

    @step
    def start(self):
        self.items = ["a", "b"]
        self.next(self.work, foreach="items")

    @step
    def work(self):
        self.n = getattr(self, "n", 0) + 1
        self.next(self.judge)

    @step
    def judge(self):
        self.more = "yes" if self.n < (self.most if self.input == "b" else 1) else "no"
        self.next({"yes": self.work, "no": self.join}, condition="more")

    @step
    def join(self, inputs):
        self.ns = [i.n for i in inputs]
        self.next(self.flaky)

    @retry(times=1, minutes_between_retries=0)
    @catch(var="error", print_exception=False)
    @timeout(minutes=5)
    @step
    def flaky(self):
        if self.most == 3:
            raise ValueError("flaky")
        self.next(self.share)

    @step
    def share(self):
        self.next(self.train, num_parallel=2)

    @parallel
    @step
    def train(self):
        self.node = current.parallel.node_index
        self.next(self.gather)

    @step
    def gather(self, inputs):
        self.nodes = [i.node for i in inputs]
        self.next(self.end)

    @step
    def end(self):
        pass
"""


def test_every_step_of_the_language_is_spun_and_a_lap_from_the_lap_before_it(house: Household) -> None:
    house.write(LAPS)
    house.run("flow.py", "run", "--max-workers", "1")  # so that the first choice is that of "a"
    third = next(task.pathspec for task in house.latest("LapsFlow")["work"] if task.data.n == 3)

    lap = spun(house, third)
    choice = spun(house, "1/judge")
    join, share, gather = (spun(house, step) for step in ("join", "share", "gather"))

    assert [(left["name"], left["preview"], left["verdict"]) for left in lap["artifacts"]] == [("n", "3", "same")]
    assert choice["next"] == "join"
    assert [left["preview"] for left in join["artifacts"]] == ["[1, 3]"]
    assert share["artifacts"] == [], "what it inherited is not what it left"
    assert [left["preview"] for left in gather["artifacts"]] == ["[0, 1]"]
    assert gather["missing"] == []


def test_a_choice_that_turns_out_otherwise_is_told(house: Household) -> None:
    house.write(LAPS)
    house.run("flow.py", "run", "--max-workers", "1")  # so that the first choice is that of "a"
    house.write(LAPS.replace('== "b" else 1', '== "b" else 2'))

    done = house.run("flow.py", "spin", "judge")

    assert "it goes on with work, and went on with join before" in done.out


def test_a_spin_neither_tries_again_nor_catches_and_misses_nothing_for_that(house: Household) -> None:
    house.write(LAPS)
    house.run("flow.py", "run")

    failed = spun(house, "flaky", status=1)
    mended = house.write(LAPS.replace("if self.most == 3", "if self.most == 0"))
    succeeded = spun(house, "flaky")

    assert mended.exists()
    assert failed["status"] == "failed"
    assert succeeded["status"] == "succeeded"
    assert failed["missing"] == succeeded["missing"] == []


def test_a_task_of_a_gang_is_not_spun_and_can_be_debugged(house: Household) -> None:
    house.write(LAPS)
    house.run("flow.py", "run")

    refused = house.run("flow.py", "spin", "train", status=2)
    facts = json.loads(house.run("flow.py", "debug", "train", "--json").out)

    assert "'train': it is a gang (@parallel)" in refused.err
    assert "num_parallel=1" in refused.err
    assert "node" in str(facts)
