"""Tests of `client.lineage`: for any flow, children are the inverse of parents."""

from hypothesis import given

from flagstone.client import lineage
from flagstone.model.ids import RunId, TaskId
from flagstone.model.plan import Plan, Transition
from flagstone.model.records import TaskQuery
from tests.strategies import FlowTree, flows, plan_of

WIDTH = 2
RUN = RunId("Any", 1)


def executed(plan: Plan) -> set[tuple[str, tuple[int, ...]]]:
    """Every task of a run in which each foreach has `WIDTH` elements, by a walk that knows nothing of queries."""
    tasks = set()
    waiting: list[tuple[str, tuple[int, ...]]] = [(plan.start, ())]
    while waiting:
        name, path = waiting.pop()
        tasks.add((name, path))
        step = plan.step(name)
        for target in step.next:
            split = plan.matching_split.get(target)
            if step.transition is Transition.FOREACH:
                waiting += [(target, (*path, index)) for index in range(WIDTH)]
            elif split is not None and plan.step(split).transition is Transition.FOREACH:
                waiting.append((target, path[:-1]))
            else:
                waiting.append((target, path))
    return tasks


def selected(tasks: set[tuple[str, tuple[int, ...]]], query: TaskQuery) -> set[tuple[str, tuple[int, ...]]]:
    return {
        (step, path)
        for step, path in tasks
        if step == query.step and (path == query.path or (query.path is None and path and path[:-1] == query.below))
    }


@given(tree=flows())
def test_a_task_is_a_child_of_its_parents_and_a_parent_of_its_children(tree: FlowTree) -> None:
    plan = plan_of(tree)
    tasks = executed(plan)

    parents = set()
    children = set()
    for task in tasks:
        step, path = task
        known = TaskId(RUN, step, 1)
        for query in lineage.parents(plan, known, path):
            parents |= {(parent, task) for parent in selected(tasks, query)}
        for query in lineage.children(plan, known, path, plan.step(step).next):
            children |= {(task, child) for child in selected(tasks, query)}

    assert parents == children
    assert {child for _, child in children} == tasks - {(plan.start, ())}
