"""Questions that a plan answers, and its way through msgpack."""

import msgspec
import pytest
from hypothesis import given

from flagstone.model.declarations import Isolation, Needs, Parallel
from flagstone.model.errors import Location, UnknownStep
from flagstone.model.plan import Case, Plan, Step, Transition
from flagstone.model.resources import Resources
from tests.strategies import Branches, FlowTree, Single, flows, plan_of

DIAMOND = plan_of(FlowTree((Branches(((Single(),), (Single(),))),)))


def test_a_step_is_found_by_its_name() -> None:
    assert DIAMOND.step("start").splits


def test_an_unknown_step_lists_the_known_ones() -> None:
    with pytest.raises(UnknownStep, match="no step called 'nope'") as caught:
        DIAMOND.step("nope")

    assert "start, s1, s2, start_join, end" in caught.value.hint


def test_the_parents_of_a_join_are_in_the_order_of_the_plan() -> None:
    assert DIAMOND.parents("start_join") == ("s1", "s2")
    assert DIAMOND.parents("start") == ()


def test_what_comes_after_a_step_includes_it() -> None:
    assert DIAMOND.after("s2") == {"s2", "start_join", "end"}
    assert DIAMOND.after("start") == {step.name for step in DIAMOND.steps}


def test_a_step_that_comes_again_is_after_itself_once() -> None:
    where = Location("f.py", 1)
    cases = (Case(1, "a"), Case(2, "end"))
    again = Step("a", Transition.SWITCH, ("a", "end"), False, where, condition="c", cases=cases)
    plan = Plan("F", "f.py", "a", "end", (again, Step("end", Transition.END, (), False, where)))

    assert plan.after("a") == {"a", "end"}


def test_a_step_asks_for_a_core_unless_it_says_otherwise() -> None:
    where = Location("f.py", 1)

    assert Step("a", Transition.END, (), False, where).resources == Resources(cpu=1)
    needs = Step("a", Transition.END, (), False, where, declarations=(Parallel(), Needs(cpu=0.5, memory=100)))
    assert needs.resources == Resources(cpu=0.5, memory=100)


def test_a_step_may_declare_its_isolation() -> None:
    where = Location("f.py", 1)

    assert Step("a", Transition.END, (), False, where).isolation is None
    assert Step("a", Transition.END, (), False, where, declarations=(Isolation("worker"),)).isolation == "worker"


def test_a_plan_with_everything_survives_msgpack() -> None:
    where = Location("f.py", 1)
    cases = (Case("x", "b"), Case(1, "b"), Case(1.5, "b"), Case(True, "b"), Case(None, "b"))
    step = Step(
        "a", Transition.SWITCH, ("b",), False, where, condition="c", cases=cases, declarations=(Needs(1), Parallel())
    )
    plan = Plan("F", "f.py", "a", "b", (step,))

    again = msgspec.msgpack.decode(msgspec.msgpack.encode(plan), type=Plan)

    assert again == plan
    assert [type(case.key) for case in again.steps[0].cases] == [str, int, float, bool, type(None)]


@given(tree=flows())
def test_plans_survive_msgpack(tree: FlowTree) -> None:
    plan = plan_of(tree)

    assert msgspec.msgpack.decode(msgspec.msgpack.encode(plan), type=Plan) == plan
