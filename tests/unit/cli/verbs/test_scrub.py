"""`logs scrub` overwrites what tasks printed."""

import json

import pytest

from tests.unit.cli.person import Person

FLOW = """
    import sys
    from flagstone import FlowSpec, step

    class LeakyFlow(FlowSpec):
        @step
        def start(self):
            print("key=abc123 of ann")
            print("key=abc123", file=sys.stderr)
            self.next(self.work, foreach="items")
        items = ["a", "b"]
        @step
        def work(self):
            print("item", self.input)
            self.next(self.join)
        @step
        def join(self, inputs):
            self.next(self.end)
        @step
        def end(self):
            pass

    if __name__ == "__main__":
        LeakyFlow()
"""


@pytest.fixture
def leaky(person: Person) -> Person:
    """Somebody who printed a key."""
    person.writes(FLOW)
    assert person.flow("run", "--quiet").status == 0
    return person


def test_a_task_is_scrubbed_and_its_neighbours_stay(leaky: Person) -> None:
    said = leaky.flagstone("logs", "scrub", "LeakyFlow/1/start", "--stdout")

    assert said.out == "LeakyFlow/1/start/1: 17 B of stdout scrubbed\n"
    shown = leaky.flagstone("logs", "LeakyFlow/1/start/1")
    assert sorted(shown.out.splitlines()) == ["*****************", "key=abc123"]
    assert "stdout of LeakyFlow/1/start/1 was scrubbed by ann on" in shown.err
    others = leaky.flagstone("logs", "LeakyFlow/1/work").out.splitlines()
    assert sorted(line.partition("] ")[2] for line in others) == ["item a", "item b"]
    assert "scrubbed" in leaky.flagstone("show", "LeakyFlow/1/start/1").out


def test_only_what_matches_is_scrubbed_in_a_whole_run(leaky: Person) -> None:
    said = leaky.flagstone("logs", "scrub", "LeakyFlow/1", "--grep", r"abc\d+", "--json")

    assert json.loads(said.out)[0] == {"task": "LeakyFlow/1/start/1", "attempt": 0, "stdout": 6, "stderr": 6}
    assert leaky.flagstone("logs", "LeakyFlow/1/start/1", "--stdout").out == "key=****** of ann\n"
    again = leaky.flagstone("logs", "scrub", "LeakyFlow/1", "--grep", r"abc\d+")
    assert (again.status, again.out, again.err) == (0, "", "nothing to scrub\n")


def test_what_is_no_pattern_scrubs_nothing(leaky: Person) -> None:
    said = leaky.flagstone("logs", "scrub", "LeakyFlow/1", "--grep", "(")

    assert said.status == 2
    assert "is no regular expression" in said.err
    assert "key=abc123 of ann" in leaky.flagstone("logs", "LeakyFlow/1/start/1").out
