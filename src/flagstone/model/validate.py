"""Whether a flow's graph makes sense: every rule in its order, the first that fails raises."""

from collections.abc import Callable

from flagstone.model.draft import Draft
from flagstone.model.lint import ends, methods, paths, splits
from flagstone.model.plan import Step

Rule = Callable[[Draft], None]

RULES: tuple[Rule, ...] = (
    ends.reserved_names,
    ends.one_start_one_end,
    ends.marks_agree_with_names,
    ends.nothing_before_the_start,
    ends.end_is_the_end,
    methods.step_names,
    methods.arguments,
    methods.says_what_comes_next,
    methods.known_forms,
    methods.known_targets,
    paths.loops_choose,
    paths.everything_ends,
    paths.no_orphans,
    paths.splits_are_joined,
    splits.switches_choose,
    splits.splits_do_something,
    splits.catches_go_on,
    splits.catches_are_told_apart,
    splits.gangs_are_marked,
    splits.gangs_are_joined,
    splits.gangs_are_asked_for,
)

NO_NESTED_FOREACH: Rule = splits.foreach_is_not_nested
"""A rule beyond these, for the back ends and schedulers that cannot nest a foreach."""

NO_SWITCH_INTO_A_JOIN: Rule = splits.switches_stay_clear_of_joins
"""Likewise, for those where a case of a switch cannot be a join."""


def validate(draft: Draft, *more: Rule) -> None:
    """Apply `RULES`, then `more`. Raises InvalidGraph, which says where, what, and what to write instead."""
    for rule in (*RULES, *more):
        rule(draft)


def arranged(draft: Draft) -> tuple[tuple[Step, ...], dict[str, str]]:
    """The steps of a valid draft from start to end, and for each join the step whose split it closes."""
    steps = tuple(draft.named[name].step for name in paths.order(draft))
    return steps, paths.balance(draft).matching_split
