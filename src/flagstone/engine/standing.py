"""A flow object as a task had it, for someone who wants to look: nothing runs, and nothing is stored."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Raw

from flagstone.dsl.flow import FlowSpec
from flagstone.dsl.inputs import Inputs
from flagstone.dsl.task_state import Parameters, TaskState
from flagstone.engine.attempt import Attempt
from flagstone.model.artifacts import decode_manifest
from flagstone.model.jobs import Job, RunContext
from flagstone.ports.artifact_store import ArtifactStore


class Patient(TaskState):
    """Does not mind how often `self.next` is called: a person tries the last line of a step again."""

    def choose(self, *arguments: Any, **more: Any) -> None:
        """`self.next(...)`."""
        self.chosen = None
        super().choose(*arguments, **more)


def stand_in(
    flow: type[FlowSpec], store: ArtifactStore, context: RunContext, job: Job, inherited: Mapping[str, Raw]
) -> Attempt:
    """An attempt that does not run: its flow object reads the artifacts in `inherited`, a join has its inputs."""
    step = context.plan.step(job.step)
    shape = flow.__flagstone__
    names = frozenset({*shape.parameters, *shape.configs})
    parameters = Parameters(decode_manifest(context.constants).artifacts, store, names)
    state = Patient(step, flow.__name__, store, parameters, dict(inherited), job.items, shape.protected)
    made = flow.__new__(flow)
    object.__setattr__(made, "_flagstone", state)
    where: Sequence[Any] = job.inputs
    inputs = Inputs(where, store, parameters, shape.constants, state.parameter) if step.joins else None
    return Attempt(context=context, job=job, step=step, flow=made, notices=[], inputs=inputs)
