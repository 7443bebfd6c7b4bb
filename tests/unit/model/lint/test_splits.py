"""The rules about switches, foreach and gangs."""

from pathlib import Path

import pytest

from flagstone.dsl.reading import read_draft, read_plan
from flagstone.model.errors import InvalidGraph
from flagstone.model.plan import Transition
from flagstone.model.validate import NO_NESTED_FOREACH, NO_SWITCH_INTO_A_JOIN, validate
from tests.flows import flow_class, refusal

GANG = """
class F(FlowSpec):
    @step
    def start(self):
        {start}
    {mark}
    @step
    def train(self):{def_comment}
        {train}
    @step
    def join(self, inputs):
        self.next(self.end)
    @step
    def end(self):
        pass
"""


def gang(start: str, train: str, mark: str = "@parallel", def_comment: str = "") -> str:
    return GANG.format(start=start, train=train, mark=mark, def_comment=def_comment)


@pytest.mark.parametrize("cases", ["{}", "{'only': self.end}"])
def test_a_switch_has_something_to_choose_from(tmp_path: Path, cases: str) -> None:
    error = refusal(
        tmp_path,
        f"""
        class F(FlowSpec):
            @step
            def start(self):
                self.next(self.a)
            @step
            def a(self):
                self.next({cases}, condition="c")  # here
            @step
            def end(self):
                pass
        """,
    )

    assert "'a'" in str(error)
    assert 'condition="choice"' in error.hint


def test_a_foreach_straight_into_a_join(tmp_path: Path) -> None:
    error = refusal(
        tmp_path,
        """
        class F(FlowSpec):
            @step
            def start(self):
                self.items = [1]
                self.next(self.join, foreach="items")  # here
            @step
            def join(self, inputs):
                self.next(self.end)
            @step
            def end(self):
                pass
        """,
    )

    assert "the foreach over 'items' in step 'start' leads straight into the join 'join'" in str(error)
    assert "self.next(self.join)" in error.hint


def test_a_branch_straight_into_its_join(tmp_path: Path) -> None:
    error = refusal(
        tmp_path,
        """
        class F(FlowSpec):
            @step
            def start(self):
                self.next(self.a, self.join)  # here
            @step
            def a(self):
                self.next(self.join)
            @step
            def join(self, inputs):
                self.next(self.end)
            @step
            def end(self):
                pass
        """,
    )

    assert "a branch in step 'start' leads straight into the join 'join'" in str(error)


def test_num_parallel_leads_to_a_parallel_step(tmp_path: Path) -> None:
    error = refusal(
        tmp_path, gang("self.next(self.train, num_parallel=4)  # here", "self.next(self.join)", mark="# not marked")
    )

    assert "num_parallel in step 'start' leads to 'train', which is not marked with @parallel" in str(error)
    assert "@parallel\n    @step\n    def train(self):" in error.hint


def test_a_parallel_step_is_followed_by_a_join(tmp_path: Path) -> None:
    source = gang("self.next(self.train, num_parallel=4)", "self.next(self.between)  # here")
    source += "    @step\n    def between(self):\n        self.next(self.join)\n"

    error = refusal(tmp_path, source)

    assert "step 'train' is marked with @parallel and is not followed by a join" in str(error)


def test_a_parallel_step_is_only_reached_through_num_parallel(tmp_path: Path) -> None:
    error = refusal(tmp_path, gang("self.next(self.train, foreach='items')  # here", "self.next(self.join)"))

    assert "step 'train' is marked with @parallel and is reached without num_parallel" in str(error)


def test_a_gang_is_read_as_it_is_written(tmp_path: Path) -> None:
    plan = read_plan(
        flow_class(tmp_path, gang("self.next(self.train, num_parallel=self.n * 2)", "self.next(self.join)"))
    )

    assert plan.step("start").num_parallel == "self.n * 2"
    assert plan.matching_split == {"join": "start"}


def test_a_case_of_a_switch_may_be_a_join_and_schedulers_that_cannot_go_there_refuse_it(tmp_path: Path) -> None:
    cls = flow_class(
        tmp_path,
        """
        class F(FlowSpec):
            @step
            def start(self):
                self.next(self.a, foreach="items")
            @step
            def a(self):
                self.next({True: self.b, False: self.join}, condition="good")
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

    plan = read_plan(cls)
    with pytest.raises(InvalidGraph) as caught:
        validate(read_draft(cls), NO_SWITCH_INTO_A_JOIN)

    assert plan.matching_split == {"join": "start"}
    assert "a case of the switch in step 'a' leads straight to the join 'join'" in str(caught.value)
    assert "def before_join(self):" in caught.value.hint


IF = """
class F(FlowSpec):
    @step
    def start(self):
        self.x = 1
        {ending}
    @step
    def a(self):
        self.next(self.c)
    @step
    def b(self):
        self.next(self.c)
    @step
    def c(self):
        self.next(self.end)
    @step
    def end(self):
        pass
"""


@pytest.mark.parametrize(
    ("ending", "cases"),
    [
        (
            "if self.x > 1:\n    self.next(self.a)\nelse:\n    self.next(self.b)",
            [("self.x > 1", "a"), ("else", "b")],
        ),
        (
            "if self.x:\n    self.next(self.a)\nelif self.y:\n    self.next(self.b)\nelse:\n    self.next(self.c)",
            [("self.x", "a"), ("self.y", "b"), ("else", "c")],
        ),
        (
            """if self.x:
    if self.y:
        self.next(self.a)
    else:
        self.next(self.b)
else:
    raise ValueError""",
            [("self.x and self.y", "a"), ("self.x", "b")],
        ),
    ],
)
def test_an_if_whose_arms_all_go_on_is_a_switch(tmp_path: Path, ending: str, cases: list[tuple[str, str]]) -> None:
    text = IF.replace("{ending}", ending.replace("\n", "\n        "))
    plan = read_plan(flow_class(tmp_path, text))

    start = plan.step("start")
    assert start.transition is Transition.SWITCH
    assert start.condition is None
    assert [(case.key, case.target) for case in start.cases] == cases


def test_an_arm_of_an_if_goes_on_to_one_step(tmp_path: Path) -> None:
    ending = "if self.x:\n    self.next(self.a, self.b)  # here\nelse:\n    self.next(self.c)"

    error = refusal(tmp_path, IF.replace("{ending}", ending.replace("\n", "\n        ")))

    assert "does more than go on to one step" in str(error)
    assert "let that one split" in error.hint


def test_back_ends_that_cannot_nest_a_foreach_can_refuse_it(tmp_path: Path) -> None:
    cls = flow_class(
        tmp_path,
        """
        class F(FlowSpec):
            @step
            def start(self):
                self.next(self.outer, foreach="xs")
            @step
            def outer(self):
                self.next(self.inner, foreach="ys")
            @step
            def inner(self):
                self.next(self.inner_join)
            @step
            def inner_join(self, inputs):
                self.next(self.outer_join)
            @step
            def outer_join(self, inputs):
                self.next(self.end)
            @step
            def end(self):
                pass
        """,
    )
    draft = read_draft(cls)

    validate(draft)
    with pytest.raises(InvalidGraph, match="the foreach in step 'outer' lies inside the foreach in step 'start'"):
        validate(draft, NO_NESTED_FOREACH)
