"""What the metadata store would say about a run that was driven by `driving`."""

from flagstone.model.ids import RunId, TaskId
from flagstone.model.jobs import Usage
from flagstone.model.plan import Plan
from flagstone.model.records import TaskRecord
from flagstone.model.states import State
from tests.unit.engine.driving import Drive

RUN = RunId("RandomFlow", 1)


def recorded(plan: Plan, seen: Drive, reads: tuple[str, ...] = ()) -> list[TaskRecord]:
    """A record for each task that started and succeeded."""
    return [
        TaskRecord(
            id=TaskId(RUN, command.step, command.number),
            attempt=command.attempt,
            path=command.path,
            state=State.SUCCEEDED,
            started=1.0,
            finished=2.0,
            manifest_digest=b"",
            manifest=b"",
            targets=seen.targets.get(command.number, plan.step(command.step).next),
            split=seen.splits.get(command.number),
            label="",
            reads=reads,
            failure=None,
            log=None,
            stamps=b"",
            usage=Usage(),
            origin=None,
            laps=command.laps,
        )
        for command in seen.started
    ]
