"""The forms of self.next: what each means, and what the author of any other is told."""

from pathlib import Path

import pytest

from flagstone.dsl.reading import read_draft, read_plan
from flagstone.model.plan import Case, Step, Transition
from tests.flows import flow_class, refusal

FLOW = """
class F(FlowSpec):
    @step
    def start(self):
        {last}
    @step
    def a(self):
        self.next(self.end)
    @step
    def b(self):
        self.next(self.end)
    @step
    def end(self):
        pass
"""


def start_of(folder: Path, last: str) -> Step:
    """The start step of a flow whose start ends with `last`, well-formed or not as a graph."""
    return read_draft(flow_class(folder, FLOW.format(last=last))).named["start"].step


def test_one_target_is_linear(tmp_path: Path) -> None:
    step = start_of(tmp_path, "self.next(self.a)")

    assert (step.transition, step.next) == (Transition.LINEAR, ("a",))


def test_several_targets_are_a_split_in_their_order(tmp_path: Path) -> None:
    step = start_of(tmp_path, "self.next(self.b, self.a)")

    assert (step.transition, step.next) == (Transition.SPLIT, ("b", "a"))


def test_foreach_names_an_artifact(tmp_path: Path) -> None:
    step = start_of(tmp_path, "self.next(self.a, foreach='items')")

    assert (step.transition, step.next, step.foreach) == (Transition.FOREACH, ("a",), "items")


@pytest.mark.parametrize("size", ["4", "self.n", "len(self.items) + 1"])
def test_num_parallel_is_any_expression(tmp_path: Path, size: str) -> None:
    step = start_of(tmp_path, f"self.next(self.a, num_parallel={size})")

    assert (step.transition, step.next, step.num_parallel) == (Transition.PARALLEL, ("a",), size)


def test_a_switch_has_cases_of_any_literal_and_a_condition(tmp_path: Path) -> None:
    cases = "{'x': self.a, 1: self.b, -2: self.a, 1.5: self.a, False: self.b, None: self.b}"

    step = start_of(tmp_path, f"self.next({cases}, condition='kind')")

    assert (step.transition, step.next, step.condition) == (Transition.SWITCH, ("a", "b"), "kind")
    assert step.cases == (
        Case("x", "a"),
        Case(1, "b"),
        Case(-2, "a"),
        Case(1.5, "a"),
        Case(False, "b"),
        Case(None, "b"),
    )


def test_a_switch_is_kept_in_the_plan(tmp_path: Path) -> None:
    plan = read_plan(flow_class(tmp_path, FLOW.format(last="self.next({'x': self.a, 'y': self.b}, condition='kind')")))

    assert plan.step("start").condition == "kind"
    assert [step.name for step in plan.steps] == ["start", "a", "b", "end"]


def test_self_may_have_another_name(tmp_path: Path) -> None:
    plan = read_plan(
        flow_class(
            tmp_path,
            """
            class F(FlowSpec):
                @step
                def start(flow):
                    flow.next(flow.end)
                @step
                def end(me):
                    pass
            """,
        )
    )

    assert plan.step("start").next == ("end",)


@pytest.mark.parametrize(
    "last",
    [
        "self.next(  # a comment\n            self.a,\n\n            self.b,\n        )",
        "self.x = 1; self.next(self.a, self.b)",
        "self.next(self.a, self.b)  # the end\n        # and more words after it",
        "self.next(self.a, self.b);",
        "(self.next(self.a, self.b))",
    ],
)
def test_how_the_line_is_laid_out_does_not_matter(tmp_path: Path, last: str) -> None:
    assert start_of(tmp_path, last).next == ("a", "b")


@pytest.mark.parametrize(
    "body",
    [
        "def later():\n            self.next(self.nowhere)\n        self.next(self.a)",
        "later = lambda: self.next(self.nowhere)\n        self.next(self.a)",
        "class Inner:\n            def go(self):\n                self.next(self.nowhere)\n        self.next(self.a)",
    ],
)
def test_functions_inside_a_step_are_not_the_step(tmp_path: Path, body: str) -> None:
    assert start_of(tmp_path, body).next == ("a",)


BROKEN = [
    ("target = self.end; self.next(target)", "has 'target' where a step should be"),
    ("self.next()", "names no step"),
    ("self.next('a')", "names a step as a text ('a')"),
    ("self.next(self.a())", "calls the step 'a'"),
    ("self.next(*self.targets)", "has '*self.targets' where a step should be"),
    ("self.next(**self.how)", "unpacks its arguments"),
    ("self.next(self.a.b)", "has 'self.a.b' where a step should be"),
    ("self.next(self.a if self.x else self.b)", "has 'self.a if self.x else self.b' where a step should be"),
    ("self.next(self.a, self.a)", "names 'a' twice"),
    ("self.next(self.a, foreach=self.items)", "has foreach=self.items: the name of the artifact"),
    ("self.next(self.a, foreach=[1, 2])", "has foreach=[1, 2]: the name of an artifact"),
    ("self.next(self.a, foreach='two words')", "has foreach='two words': the name of an artifact"),
    ("self.next(self.a, self.b, foreach='items')", "has foreach= and 2 steps"),
    ("self.next(self.a, self.b, num_parallel=2)", "has num_parallel= and 2 steps"),
    ("self.next(self.a, num_parallel=0)", "has num_parallel=0: a number of at least 1"),
    ("self.next(self.a, num_parallel=-1)", "has num_parallel=-1: a number of at least 1"),
    ("self.next(self.a, num_parallel='4')", "has num_parallel='4': a number of at least 1"),
    ("self.next(self.a, foreach='x', num_parallel=2)", "has foreach= and num_parallel=: they do not go together"),
    ("self.next(self.a, for_each='items')", "does not know for_each="),
    ("self.next(self.a, condition='x')", "has a condition and no cases"),
    ("self.next({'x': self.a})", "has cases and no condition="),
    ("self.next({'x': self.a, 'y': self.b}, foreach='x')", "has cases and foreach="),
    ("self.next({'x': self.a, 'y': self.b}, condition=self.x)", "has condition=self.x: the name of the artifact"),
    ("self.next({'x': self.a, 'y': self.b}, self.a, condition='x')", "has a dict of cases beside other arguments"),
    ("self.next(self.a, {'x': self.a})", "has a dict of cases beside other arguments"),
    ("self.next({'x': self.a, 'x': self.b}, condition='x')", "has the case 'x' twice"),
    ("self.next({1: self.a, True: self.b}, condition='x')", "has the case True twice"),
    ("self.next({self.k: self.a, 'y': self.b}, condition='x')", "has the key 'self.k'"),
    ("self.next({**self.more, 'y': self.b}, condition='x')", "has the key '**'"),
    ("self.next({b'x': self.a, 'y': self.b}, condition='x')", "has the key \"b'x'\""),
    ("self.next({'x': self.a, 'y': 'b'}, condition='x')", "names a step as a text ('b')"),
    ("self.next({}, condition='x')", "has no cases"),
]


@pytest.mark.parametrize(("last", "words"), BROKEN)
def test_every_other_form_is_refused_with_what_to_write_instead(tmp_path: Path, last: str, words: str) -> None:
    error = refusal(tmp_path, FLOW.format(last=f"{last}  # here"))

    assert words in str(error)
    assert "in step 'start', self.next" in str(error)


def test_a_second_self_next_earlier_in_the_step_is_found(tmp_path: Path) -> None:
    error = refusal(
        tmp_path,
        FLOW.format(
            last="if self.x:\n            self.next(self.a)\n            return\n        self.next(self.b)  # here"
        ),
    )

    assert "names what comes next twice, also in line" in str(error)
