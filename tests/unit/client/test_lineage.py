"""Tests of `client.lineage`: parents are those that a task started from, children are the inverse, for any flow."""

from collections.abc import Iterator

from hypothesis import given, settings
from hypothesis import strategies as st

from flagstone.client import lineage
from flagstone.model.records import TaskQuery, TaskRecord
from tests.strategies import FlowTree, flows, plan_of
from tests.unit.engine.driving import drive_tree
from tests.unit.engine.recording import recorded


def matches(record: TaskRecord, query: TaskQuery) -> bool:
    """What a metadata store does with these queries."""
    below = query.below is None or (record.path != () and record.path[:-1] == query.below)
    return (
        query.step in (None, record.id.step)
        and query.path in (None, record.path)
        and below
        and (query.numbers is None or record.id.number in query.numbers)
    )


@given(tree=flows(rich=True), seed=st.integers(0, 2**32 - 1))
@settings(deadline=None)
def test_parents_are_what_a_task_started_from_and_children_are_the_inverse(tree: FlowTree, seed: int) -> None:
    plan, seen = plan_of(tree), drive_tree(tree, seed)
    records = recorded(plan, seen)

    def read(query: TaskQuery) -> Iterator[TaskRecord]:
        return (record for record in records if matches(record, query))

    found = {
        record.id.number: [parent.id.number for parent in lineage.parents(plan, record, read)] for record in records
    }
    children = {
        (record.id.number, child.id.number) for record in records for child in lineage.children(plan, record, read)
    }

    assert found == {command.number: list(command.parents) for command in seen.started}
    assert children == {(parent, number) for number, parents in found.items() for parent in parents}
