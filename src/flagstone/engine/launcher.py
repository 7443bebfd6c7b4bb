"""From a command to a job: finds the manifests that the task continues from; many go through a file."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from flagstone.engine.scheduler import StartTask
from flagstone.engine.spilling import spill
from flagstone.model.artifacts import BlobRef, Split
from flagstone.model.errors import CorruptBlob
from flagstone.model.ids import RunId
from flagstone.model.jobs import Failure, Job, JobInput
from flagstone.model.plan import Plan
from flagstone.model.records import TaskQuery, TaskRecord
from flagstone.model.resources import Resources
from flagstone.ports.artifact_store import ArtifactStore
from flagstone.ports.metadata_store import MetadataStore

RIDES_ALONG = 48 * 1024  # bytes of manifests in a job; more goes through a file

_PAGE = 500


class Launcher:
    """Builds jobs. Keeps the manifests that tasks still need; what it does not have, it reads from the record."""

    def __init__(
        self, run: RunId, plan: Plan, metadata: MetadataStore, artifacts: ArtifactStore, scratch: Path
    ) -> None:
        self._run = run
        self._metadata = metadata
        self._artifacts = artifacts
        self._scratch = scratch
        self._joins = {step.name: step.joins for step in plan.steps}
        self._claims: dict[str, tuple[Resources, str | None]] = {
            step.name: (step.resources, step.isolation) for step in plan.steps
        }
        self._kept: dict[int, tuple[JobInput, int]] = {}  # task -> its manifest, and how many tasks still need it

    def keep(self, number: int, step: str, manifest: bytes, targets: Sequence[str], split: Split | None) -> None:
        """Remember a manifest for the tasks that continue from it; a join reads its many inputs from the record."""
        uses = split.count if split is not None else len(targets)
        if uses and manifest and not self._joins[targets[0]]:
            self._kept[number] = (JobInput(step, number, manifest), uses)

    def needs_recorded(self, command: StartTask) -> bool:
        """Whether this job's inputs are read from the metadata store, so that it must be up to date."""
        return self._joins[command.step] or any(parent not in self._kept for parent in command.parents)

    def job(self, command: StartTask, caught: Failure | None = None) -> Job:
        """The job for a command; `caught` is what it has to catch instead of running the step."""
        resources, isolation = self._claims[command.step]
        inputs: tuple[JobInput, ...] = ()
        spilled = None
        if len(command.parents) == 1 and not self._joins[command.step]:
            inputs = (self._take(command.parents[0]),)
            if len(inputs[0].manifest) > RIDES_ALONG:
                inputs, spilled = (), self._spill(command.number, inputs)
        elif command.parents:
            inputs, spilled = self._gather(command)
        return Job(
            number=command.number,
            step=command.step,
            attempt=command.attempt,
            path=command.path,
            items=command.items,
            inputs=inputs,
            resources=resources,
            spilled=spilled,
            isolation=isolation,
            caught=caught,
        )

    def release(self, number: int) -> None:
        """A job is over: remove what was spilled for it."""
        (self._scratch / str(number)).unlink(missing_ok=True)

    def _take(self, number: int) -> JobInput:
        kept = self._kept.get(number)
        if kept is None:
            return next(self._recorded([number]))
        found, uses = kept
        if uses == 1:
            del self._kept[number]
        else:
            self._kept[number] = (found, uses - 1)
        return found

    def _gather(self, command: StartTask) -> tuple[tuple[JobInput, ...], str | None]:
        """All inputs of a join: in the job while they are few, else in a file, written as they are read."""
        few: list[JobInput] = []
        size = 0
        source = self._recorded(command.parents)
        for found in source:
            few.append(found)
            size += len(found.manifest)
            if size > RIDES_ALONG:
                return (), self._spill(command.number, _chain(few, source))
        return tuple(few), None

    def _spill(self, number: int, inputs: "Sequence[JobInput] | Iterator[JobInput]") -> str:
        path = self._scratch / str(number)
        spill(path, inputs)
        return str(path)

    def _recorded(self, numbers: Sequence[int]) -> Iterator[JobInput]:
        for start in range(0, len(numbers), _PAGE):
            page = tuple(numbers[start : start + _PAGE])
            query = TaskQuery(numbers=page, with_manifests=True)
            found = {record.id.number: record for record in self._metadata.tasks(self._run, query)}
            for number in page:
                record = found[number]
                yield JobInput(record.id.step, number, manifest_of(record, self._artifacts))


def manifest_of(record: TaskRecord, artifacts: ArtifactStore) -> bytes:
    """A recorded task's manifest, from the record or from the blob store. Raises CorruptBlob."""
    if record.manifest:
        return record.manifest
    try:
        return artifacts.read_manifest(BlobRef(record.manifest_digest, 0))
    except KeyError:
        raise CorruptBlob(
            what=f"the manifest of {record.id}", digest=record.manifest_digest.hex(), problem="is missing"
        ) from None


def _chain(first: list[JobInput], rest: Iterator[JobInput]) -> Iterator[JobInput]:
    yield from first
    yield from rest
