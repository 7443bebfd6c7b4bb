"""Opens a past task for a person: `self` as its step had it, its inputs, `current`, and what its file defines."""

import sys
from collections.abc import Iterator
from typing import Any

from msgspec import Raw

from flagstone.app.past import Past, find_past, inputs_of, place_of
from flagstone.client.main_module import resolver_for
from flagstone.client.scope import current_scope
from flagstone.dsl.flow import FlowSpec
from flagstone.dsl.inputs import Inputs
from flagstone.dsl.loading import load_into
from flagstone.engine.launcher import manifest_of
from flagstone.engine.middleware.current import SetCurrent
from flagstone.engine.standing import stand_in
from flagstone.model.artifacts import decode_artifact, decode_manifest
from flagstone.model.errors import NoFlow
from flagstone.model.jobs import Job, RunContext
from flagstone.model.plan import Plan
from flagstone.model.projects import Branch
from flagstone.model.resources import Resources
from flagstone.ports.workspace import Workspace


class OpenTask:
    """A past task that one can look at and try things with; nothing of it is recorded.

    `self` is a flow object with its artifacts, parameters and methods; `inputs` are those of a join, else None. `left`
    says whether the artifacts are those that it left, or those that it began with.
    """

    def __init__(self, workspace: Workspace, past: Past, flow: type[FlowSpec], *, begun: bool) -> None:
        self.pathspec = str(past.task.id)
        self.flow = flow
        self.past = past
        kept = {} if begun else _kept(workspace, past)
        self.left = bool(kept)
        inputs = tuple(inputs_of(workspace, past))
        place = place_of(workspace, past)
        job = Job(
            number=past.task.id.number,
            step=place.step,
            attempt=past.task.attempt,
            path=place.path,
            items=place.items,
            inputs=inputs,
            resources=Resources(),
        )
        if not self.left and inputs and not past.plan.step(place.step).joins:
            kept = decode_manifest(inputs[0].manifest).artifacts
        self._raws = kept
        self._workspace = workspace
        attempt = stand_in(flow, workspace.artifacts, _context(workspace, past), job, kept)
        self._attempt = attempt
        self.self: FlowSpec = attempt.flow
        self.inputs: Inputs | None = attempt.inputs

    def set_current(self) -> None:
        """Let `current` speak of this task, in this process and from now on."""
        SetCurrent().begin(self._attempt)

    def names(self) -> Iterator[tuple[str, int]]:
        """The artifacts with their sizes in bytes, parameters included; those that begin with _ are left out."""
        known = {**decode_manifest(self.past.run.constants).artifacts, **self._raws}
        for name, raw in sorted(known.items()):
            if not name.startswith("_"):
                yield name, decode_artifact(raw).size

    def load(self, name: str) -> Any:
        """The value of an artifact or a parameter. Raises UnreadableArtifact, CorruptBlob."""
        return getattr(self.self, name)

    def defined(self) -> dict[str, Any]:
        """What the flow's file defines."""
        return vars(sys.modules[self.flow.__module__])

    def __repr__(self) -> str:
        return f"<{self.pathspec}, opened: self, inputs>"


def open_task(pathspec: str, into: dict[str, Any] | None = None, *, begun: bool = False) -> OpenTask:
    """A past task, opened: `opened.self` reads its artifacts as they stood when it failed or ended.

    With `begun` as they stood when it began. `into` is a namespace, such as globals(), where the flow's file is run
    first, so that its functions and classes are there; `current` then speaks of the task. Raises InvalidPathspec,
    NotFound, NoFlow, ModuleFailed.
    """
    workspace = current_scope().workspace
    past = find_past(workspace, pathspec)
    plan = past.plan
    flow = _defined(plan) if into is None else load_into(into, plan.file, plan.flow)
    opened = OpenTask(workspace, past, flow, begun=begun)
    if into is not None:
        opened.set_current()
    return opened


def _defined(plan: Plan) -> type[FlowSpec]:
    """The flow's class as its file defines it now. Raises NoFlow, ModuleFailed."""
    try:
        found: type[FlowSpec] = resolver_for(plan)(plan.flow)
    except AttributeError as error:
        raise NoFlow(file=plan.file, problem=f"does not define {plan.flow} any more ({error})") from None
    return found


def _kept(workspace: Workspace, past: Past) -> dict[str, Raw]:
    """The artifacts that the task left."""
    if not past.task.manifest and not past.task.manifest_digest:
        return {}
    return decode_manifest(manifest_of(past.task, workspace.artifacts)).artifacts


def _context(workspace: Workspace, past: Past) -> RunContext:
    return RunContext(
        run=past.run.id,
        plan=past.plan,
        user=past.run.user,
        namespace=past.run.namespace,
        tags=past.run.tags,
        constants=past.run.constants,
        home=str(workspace.home),
        origin=past.run.origin,
        project=Branch.tagged(past.run.system_tags),
    )
