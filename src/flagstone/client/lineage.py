"""Which recorded tasks a task came from and led to: found by their places, in the order that a join's inputs have."""

from collections.abc import Callable, Iterator, Sequence

from flagstone.model.lineage import Lineage, Place
from flagstone.model.plan import Plan
from flagstone.model.records import TaskQuery, TaskRecord

Read = Callable[[TaskQuery], Iterator[TaskRecord]]  # the tasks of one run

PAGE = 500  # tasks with their manifests that are held at once


def parents(plan: Plan, task: TaskRecord, read: Read) -> Iterator[TaskRecord]:
    """What led to a task, with manifests, in the order of `self.next` or of the foreach."""
    lineage, step, here = Lineage(plan), plan.step(task.id.step), _place(task)
    if not step.joins:
        for place in lineage.before(here):
            yield from _there(read, place, step.name)
        return
    found: list[tuple[int, tuple[int, ...], int]] = []
    spread = lineage.gathers(step.name)
    for parent in plan.parents(step.name):
        branch = 0 if spread else lineage.branch_of(step.name, parent)
        query = TaskQuery(step=parent, below=task.path) if spread else TaskQuery(step=parent, path=task.path)
        found += [
            (branch, record.path, record.id.number)
            for record in read(query)
            if step.name in record.targets and lineage.join_of(_place(record), step.name) == here
        ]
    yield from _numbered(read, [number for _, _, number in sorted(found)])


def children(plan: Plan, task: TaskRecord, read: Read) -> Iterator[TaskRecord]:
    """What a task led to, with manifests, as far as it has begun."""
    lineage, here = Lineage(plan), _place(task)
    for target in task.targets:
        place = lineage.after(here, target)
        if not lineage.spreads(task.id.step):
            yield from _there(read, place)
            continue
        below = TaskQuery(step=target, below=task.path)
        yield from _numbered(read, [record.id.number for record in read(below) if record.laps == place.laps])


def _there(read: Read, place: Place, onward: str | None = None) -> Iterator[TaskRecord]:
    query = TaskQuery(step=place.step, path=place.path, with_manifests=True)
    for record in read(query):
        if record.laps == place.laps and (onward is None or onward in record.targets):
            yield record


def _numbered(read: Read, numbers: Sequence[int]) -> Iterator[TaskRecord]:
    for start in range(0, len(numbers), PAGE):
        page = tuple(numbers[start : start + PAGE])
        found = {record.id.number: record for record in read(TaskQuery(numbers=page, with_manifests=True))}
        yield from (found[number] for number in page)


def _place(record: TaskRecord) -> Place:
    return Place(record.id.step, record.path, record.laps)
