"""The order of the rules, and what a valid draft becomes."""

import pytest
from hypothesis import given

from flagstone.model.draft import Draft, StepDraft
from flagstone.model.errors import InvalidGraph, Location
from flagstone.model.plan import Step, Transition
from flagstone.model.validate import RULES, arranged, validate
from tests.strategies import FlowTree, flows, plan_of

WHERE = Location("flow.py", 1)


def draft_of(*steps: StepDraft) -> Draft:
    return Draft("F", WHERE, steps)


def linear(name: str, *targets: str, arguments: int = 1) -> StepDraft:
    """A step as it would be read from a flow."""
    transition = (Transition.END, Transition.LINEAR)[len(targets)] if len(targets) < 2 else Transition.SPLIT
    return StepDraft(
        step=Step(name, transition, targets, arguments > 1, WHERE),
        arguments=arguments,
        said=WHERE if targets else None,
    )


def test_each_rule_says_what_it_demands() -> None:
    assert [(rule.__doc__ or "").endswith(".") for rule in RULES] == [True] * 21


@pytest.mark.parametrize(
    ("draft", "words"),
    [
        (draft_of(linear("input", "Bad"), linear("Bad")), "cannot be called 'input'"),
        (draft_of(linear("start", "Bad"), linear("Bad")), "no end step"),
        (draft_of(linear("start", "Bad"), linear("Bad"), linear("end", "start")), "back to the start"),
        (draft_of(linear("start", "Bad"), linear("Bad"), linear("end", arguments=2)), "takes inputs"),
        (draft_of(linear("start", "Bad"), linear("Bad", arguments=3), linear("end")), "cannot be called 'Bad'"),
        (draft_of(linear("start", "nope"), linear("bad", arguments=3), linear("end")), "takes 3 arguments"),
        (draft_of(linear("start", "nope"), linear("bad"), linear("end")), "'bad' does not say what comes next"),
        (draft_of(linear("start", "nope"), linear("bad", "bad"), linear("end")), "goes on to 'nope'"),
        (draft_of(linear("start", "bad"), linear("bad", "bad"), linear("end")), "loop"),
        (draft_of(linear("start", "a"), linear("a", "end", arguments=2), linear("b", "a"), linear("end")), "leads"),
    ],
)
def test_the_first_rule_that_fails_is_the_one_that_is_told(draft: Draft, words: str) -> None:
    with pytest.raises(InvalidGraph, match=words):
        validate(draft)


@given(tree=flows())
def test_a_well_formed_flow_is_valid_and_keeps_the_order_in_which_it_was_written(tree: FlowTree) -> None:
    plan = plan_of(tree)
    draft = draft_of(
        *(StepDraft(step=step, arguments=1 + step.joins, said=WHERE if step.next else None) for step in plan.steps)
    )

    validate(draft)

    assert arranged(draft) == (plan.steps, plan.matching_split)
