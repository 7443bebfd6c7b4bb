"""Which tasks a task came from and led to, by the rule: same path, one index less after a foreach, back at its join."""

from flagstone.model.ids import TaskId
from flagstone.model.plan import Plan, Step, Transition
from flagstone.model.records import TaskQuery


def _spreads(step: Step) -> bool:
    return step.transition in (Transition.FOREACH, Transition.PARALLEL)


def _gathers(plan: Plan, step: Step) -> bool:
    """Whether a step joins what a foreach spread."""
    return step.joins and _spreads(plan.step(plan.matching_split[step.name]))


def parents(plan: Plan, task: TaskId, path: tuple[int, ...]) -> list[TaskQuery]:
    """Where the parents of a task are found, one query for each parent step in the order of the plan."""
    step = plan.step(task.step)
    if _gathers(plan, step):
        return [TaskQuery(step=parent, below=path) for parent in plan.parents(step.name)]
    return [
        TaskQuery(step=parent, path=path[:-1] if _spreads(plan.step(parent)) and not step.joins else path)
        for parent in plan.parents(step.name)
    ]


def children(plan: Plan, task: TaskId, path: tuple[int, ...], targets: tuple[str, ...]) -> list[TaskQuery]:
    """Where the children of a task are found, one query for each step that its `self.next` chose."""
    if _spreads(plan.step(task.step)):
        return [TaskQuery(step=target, below=path) for target in targets]
    return [TaskQuery(step=target, path=path[:-1] if _gathers(plan, plan.step(target)) else path) for target in targets]
