"""The rules about ways through the graph: loops, orphans, and splits that their joins close."""

from itertools import pairwise
from pathlib import Path

from flagstone.dsl.reading import read_plan
from flagstone.model.plan import Transition
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


def test_a_loop_through_a_switch_of_several_steps_is_a_loop(tmp_path: Path) -> None:
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
                self.next({"again": self.a, "done": self.end}, condition="c")  # here
            @step
            def end(self):
                pass
        """,
    )

    assert "a => b => a" in str(error)


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
