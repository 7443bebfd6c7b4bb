"""One task on its own, against inputs that are given: a scheduler that starts it and a launcher that makes its job."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from flagstone.engine.launcher import RIDES_ALONG, Launcher
from flagstone.engine.ready import Claim
from flagstone.engine.scheduler import Scheduler, StartTask
from flagstone.engine.spilling import spill
from flagstone.model.artifacts import Item, Split
from flagstone.model.ids import RunId
from flagstone.model.jobs import Failure, Job, JobInput
from flagstone.model.plan import Plan, Transition
from flagstone.model.resources import Resources
from flagstone.ports.artifact_store import ArtifactStore
from flagstone.ports.metadata_store import MetadataStore


class Place(Struct, frozen=True):
    """Where in its flow a task stands: its step, and the foreach indexes and elements around it."""

    step: str
    path: tuple[int, ...]
    items: tuple[Item, ...]


class OneTask(Scheduler):
    """The scheduler of a run that is over with its first task, wherever that says it would go."""

    def __init__(self, plan: Plan, place: Place, claim: Claim) -> None:
        step = msgspec.structs.replace(plan.step(place.step), transition=Transition.END, next=(), joins=False)
        alone = msgspec.structs.replace(plan, start=step.name, end=step.name, steps=(step,), matching_split={})
        super().__init__(alone, claim.resources, places=claim.places, claims={step.name: claim})
        self._place = place

    def start(self) -> list[StartTask]:
        """Start the task, at its place."""
        place = self._place
        return [msgspec.structs.replace(one, path=place.path, items=place.items) for one in super().start()]

    def reclaim(self, claims: Mapping[str, Claim]) -> None:
        """Nothing else wants to run."""

    def succeeded(self, number: int, targets: Sequence[str], split: Split | None) -> None:
        """The task ended well: that is all."""
        super().succeeded(number, (), None)


class OneJob(Launcher):
    """The launcher of that run: it is given the inputs before anything starts."""

    def __init__(
        self, run: RunId, plan: Plan, metadata: MetadataStore, artifacts: ArtifactStore, scratch: Path
    ) -> None:
        super().__init__(run, plan, metadata, artifacts, scratch)
        self._plan = plan
        self._place = scratch
        self.inputs: tuple[JobInput, ...] = ()

    def keep(self, number: int, step: str, manifest: bytes, targets: Sequence[str], split: Split | None) -> None:
        """Nobody continues from it."""

    def needs_recorded(self, command: StartTask) -> bool:
        """Nothing of this run is an input."""
        return False

    def job(self, command: StartTask, caught: Failure | None = None) -> Job:
        """The job: its inputs ride along while they are small."""
        inputs, spilled = self.inputs, None
        if sum(len(found.manifest) for found in inputs) > RIDES_ALONG:
            path = self._place / str(command.number)
            spill(path, inputs)
            inputs, spilled = (), str(path)
        return Job(
            number=command.number,
            step=command.step,
            attempt=0,
            path=command.path,
            items=command.items,
            inputs=inputs,
            resources=Resources(),
            spilled=spilled,
            isolation=self._plan.step(command.step).isolation,
            caught=caught,
        )
