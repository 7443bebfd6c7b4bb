"""The rules about ways through the graph: loops, orphans, and splits that their joins close."""

import re
from itertools import pairwise
from pathlib import Path

import pytest

from flagstone.dsl.reading import read_plan
from flagstone.model.plan import Plan, Transition
from tests.flows import flow_class, refusal
from tests.strategies import Line, source_of


def test_a_loop_is_shown_as_a_whole(tmp_path: Path) -> None:
    error = refusal(
        tmp_path,
        """
        class F(FlowSpec):
            @step
            def start(self):
                self.next(self.a)
            @step
            def a(self):
                self.next(self.b)
            @step
            def b(self):
                self.next(self.c)
            @step
            def c(self):
                self.next(self.a)  # here
            @step
            def end(self):
                pass
        """,
    )

    assert "a => b => c => a" in str(error)


def test_a_step_that_follows_itself_without_a_switch_is_a_loop(tmp_path: Path) -> None:
    error = refusal(
        tmp_path,
        """
        class F(FlowSpec):
            @step
            def start(self):
                self.next(self.a)
            @step
            def a(self):
                self.next(self.a)  # here
            @step
            def end(self):
                pass
        """,
    )

    assert "a => a" in str(error)
    assert "switch" in error.hint


def accepted(tmp_path: Path, text: str) -> Plan:
    """The plan of a flow that breaks no rule."""
    return read_plan(flow_class(tmp_path, text))


FLOW = """
class F(FlowSpec):
    @step
    def start(self):
        {start}
    @step
    def a(self):
        {a}
    @step
    def b(self):
        {b}
    @step
    def join(self, inputs):
        {join}
    @step
    def c(self):
        {c}
    @step
    def end(self):
        pass
"""


def flow_text(**steps: str) -> str:
    """A flow that spreads over `a` and `b`, joins, and ends after `c`; steps may go on otherwise."""
    usual = {
        "start": 'self.next(self.a, foreach="items")',
        "a": "self.next(self.b)",
        "b": "self.next(self.join)",
        "join": "self.next(self.c)",
        "c": "self.next(self.end)",
    }
    return FLOW.format(**(usual | steps))


def test_a_switch_may_go_back_to_an_earlier_step_of_its_level(tmp_path: Path) -> None:
    plan = accepted(
        tmp_path, flow_text(b='self.next({"again": self.a, "stay": self.b, "done": self.join}, condition="c")')
    )

    assert plan.loops
    assert [step.name for step in plan.steps] == ["start", "a", "b", "join", "c", "end"]
    assert plan.matching_split == {"join": "start"}


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ({"c": 'self.next({"again": self.a, "done": self.end}, condition="c")  # here'}, "across the split"),
        ({"c": 'self.next({"again": self.join, "done": self.end}, condition="c")  # here'}, "goes back to the join"),
        ({"b": 'self.next({"again": self.start, "done": self.join}, condition="c")  # here'}, "back to the start"),
        ({"c": 'self.next({1: self.c, 2: self.c}, condition="c")  # here'}, "can never reach the end"),
    ],
)
def test_a_loop_stays_within_its_level_and_has_a_way_out(tmp_path: Path, steps: dict[str, str], words: str) -> None:
    error = refusal(tmp_path, flow_text(**steps))

    assert re.search(words, str(error))


def test_a_loop_has_one_entrance(tmp_path: Path) -> None:
    error = refusal(
        tmp_path,
        """
        class F(FlowSpec):
            @step
            def start(self):
                self.next({1: self.a, 2: self.b}, condition="c")
            @step
            def a(self):
                self.next(self.b)
            @step
            def b(self):
                self.next({"again": self.a, "done": self.end}, condition="c")  # here
            @step
            def end(self):
                pass
        """,
    )

    assert "two entrances" in str(error)


def test_a_switch_may_name_itself(tmp_path: Path) -> None:
    cls = flow_class(
        tmp_path,
        """
        class F(FlowSpec):
            @step
            def start(self):
                self.next(self.a)
            @step
            def a(self):
                self.next({"again": self.a, "done": self.end}, condition="c")
            @step
            def end(self):
                pass
        """,
    )

    assert [step.name for step in read_plan(cls).steps] == ["start", "a", "end"]


def test_steps_that_nothing_leads_to_are_named(tmp_path: Path) -> None:
    error = refusal(
        tmp_path,
        """
        class F(FlowSpec):
            @step
            def start(self):
                self.next(self.end)
            @step
            def lonely(self):  # here
                self.next(self.lonelier)
            @step
            def lonelier(self):
                self.next(self.end)
            @step
            def end(self):
                pass
        """,
    )

    assert "'lonely' and 'lonelier'" in str(error)


def test_a_split_that_nothing_joins_before_the_end(tmp_path: Path) -> None:
    error = refusal(
        tmp_path,
        """
        class F(FlowSpec):
            @step
            def start(self):
                self.next(self.a, self.b)
            @step
            def a(self):
                self.next(self.end)  # here
            @step
            def b(self):
                self.next(self.end)
            @step
            def end(self):
                pass
        """,
    )

    assert "step 'a' goes on to the end 'end', and nothing has joined what step 'start' split" in str(error)
    assert "let a and b lead to it" in error.hint


def test_a_foreach_that_nothing_joins_before_the_end(tmp_path: Path) -> None:
    error = refusal(
        tmp_path,
        """
        class F(FlowSpec):
            @step
            def start(self):
                self.next(self.end, foreach="items")  # here
            @step
            def end(self):
                pass
        """,
    )

    assert "nothing has joined what step 'start' split" in str(error)


def test_a_join_that_misses_a_branch(tmp_path: Path) -> None:
    error = refusal(
        tmp_path,
        """
        class F(FlowSpec):
            @step
            def start(self):
                self.next(self.a, self.b, self.c)
            @step
            def a(self):
                self.next(self.join)
            @step
            def b(self):
                self.next(self.join)
            @step
            def c(self):
                self.next(self.end)
            @step
            def join(self, inputs):  # here
                self.next(self.end)
            @step
            def end(self):
                pass
        """,
    )

    assert "the join 'join' does not get all branches of the split in step 'start': 'c' does not lead to it" in str(
        error
    )
    assert "self.next(self.join)" in error.hint


def test_a_join_where_no_split_is_open(tmp_path: Path) -> None:
    error = refusal(
        tmp_path,
        """
        class F(FlowSpec):
            @step
            def start(self):
                self.next(self.join)  # here
            @step
            def join(self, inputs):
                self.next(self.end)
            @step
            def end(self):
                pass
        """,
    )

    assert "step 'join' is a join (it takes inputs), and no split is open" in str(error)


def test_a_start_that_is_a_join(tmp_path: Path) -> None:
    error = refusal(
        tmp_path,
        """
        class F(FlowSpec):
            @step
            def start(self, inputs):  # here
                self.next(self.end)
            @step
            def end(self):
                pass
        """,
    )

    assert "no split is open" in str(error)


def test_a_join_of_branches_of_different_splits(tmp_path: Path) -> None:
    error = refusal(
        tmp_path,
        """
        class F(FlowSpec):
            @step
            def start(self):
                self.next(self.a, self.b)
            @step
            def a(self):
                self.next(self.c, foreach="items")
            @step
            def b(self):
                self.next(self.join)
            @step
            def c(self):
                self.next(self.join)
            @step
            def join(self, inputs):  # here
                self.next(self.end)
            @step
            def end(self):
                pass
        """,
    )

    assert "reached from different splits: 'b' (inside the split of 'start') and 'c' (inside the split of 'a')" in str(
        error
    )
    assert "close the inner split of 'a'" in error.hint


def test_branches_that_meet_in_a_step_without_inputs(tmp_path: Path) -> None:
    error = refusal(
        tmp_path,
        """
        class F(FlowSpec):
            @step
            def start(self):
                self.next(self.a, self.b)
            @step
            def a(self):
                self.next(self.both)
            @step
            def b(self):
                self.next(self.both)
            @step
            def both(self):  # here
                self.next(self.end)
            @step
            def end(self):
                pass
        """,
    )

    assert "in step 'both' branches of the split in step 'start' meet (it comes after 'a' and 'b')" in str(error)
    assert "def both(self, inputs):" in error.hint


def test_a_way_around_the_join(tmp_path: Path) -> None:
    error = refusal(
        tmp_path,
        """
        class F(FlowSpec):
            @step
            def start(self):
                self.next(self.a, self.b)
            @step
            def a(self):
                self.next({1: self.a1, 2: self.after}, condition="c")  # here
            @step
            def a1(self):
                self.next(self.join)
            @step
            def b(self):
                self.next(self.join)
            @step
            def join(self, inputs):
                self.next(self.after)
            @step
            def after(self):
                self.next(self.end)
            @step
            def end(self):
                pass
        """,
    )

    assert "'after' is reached from 'a' with the split of step 'start' still open, and from 'join' without it" in str(
        error
    )


def test_a_split_whose_join_depends_on_a_switch(tmp_path: Path) -> None:
    error = refusal(
        tmp_path,
        """
        class F(FlowSpec):
            @step
            def start(self):
                self.next(self.each, foreach="items")
            @step
            def each(self):
                self.next({1: self.one, 2: self.two}, condition="c")
            @step
            def one(self):
                self.next(self.join_one)
            @step
            def two(self):
                self.next(self.join_two)
            @step
            def join_one(self, inputs):
                self.next(self.end)
            @step
            def join_two(self, inputs):  # here
                self.next(self.end)
            @step
            def end(self):
                pass
        """,
    )

    assert "the split in step 'start' has two joins, 'join_one' and 'join_two'" in str(error)


def test_the_cases_of_a_switch_may_meet_again_inside_a_branch(tmp_path: Path) -> None:
    cls = flow_class(
        tmp_path,
        """
        class F(FlowSpec):
            @step
            def start(self):
                self.next(self.a, self.b)
            @step
            def a(self):
                self.next({1: self.one, 2: self.two, 3: self.meet}, condition="c")
            @step
            def one(self):
                self.next(self.meet)
            @step
            def two(self):
                self.next(self.join)
            @step
            def meet(self):
                self.next(self.join)
            @step
            def b(self):
                self.next(self.join)
            @step
            def join(self, inputs):
                self.next(self.end)
            @step
            def end(self):
                pass
        """,
    )

    assert read_plan(cls).matching_split == {"join": "start"}


def test_a_deep_graph_needs_no_deep_recursion(tmp_path: Path) -> None:
    names = ["start", *(f"s{number}" for number in range(1500)), "end"]
    lines = [Line(name, Transition.LINEAR, (after,)) for name, after in pairwise(names)]

    plan = read_plan(flow_class(tmp_path, source_of([*lines, Line("end", Transition.END, ())])))

    assert [step.name for step in plan.steps] == names
