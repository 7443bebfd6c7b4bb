"""Which tasks are certain to run once a step runs: what displays may announce, before any switch has chosen."""

from flagstone.model.plan import Plan, Transition


def chains(plan: Plan) -> dict[str, tuple[str, ...]]:
    """For each step what follows it at its own level for certain, itself included: over splits to their joins.

    It ends at a switch, at the join that closes the level, and at the end.
    """
    found: dict[str, tuple[str, ...]] = {}
    join_of = {split: join for join, split in plan.matching_split.items()}
    for step in reversed(plan.steps):
        after: tuple[str, ...] = ()
        if step.splits:
            after = found[join_of[step.name]]
        elif step.transition is Transition.LINEAR and not plan.step(step.next[0]).joins:
            after = found[step.next[0]]
        found[step.name] = (step.name, *after)
    return found
