"""The run that a resume starts from: which one it is, its parameters, and what is taken over from it."""

from collections.abc import Mapping

from msgspec import Raw, Struct

from flagstone.app.configuring import configure_as_recorded
from flagstone.app.settings import Settings
from flagstone.app.workspace import Workspace, open_workspace
from flagstone.dsl.flow import FlowSpec
from flagstone.engine.resume import Resume, changed_parameters
from flagstone.model.artifacts import decode_manifest
from flagstone.model.errors import NotFound, NothingToResume
from flagstone.model.ids import RunId, parse
from flagstone.model.plan import Plan
from flagstone.model.records import SPUN, RunQuery, RunRecord, TaskQuery
from flagstone.model.states import State


class Origin(Struct, frozen=True):
    """The run that is resumed."""

    run: RunRecord

    @property
    def parameters(self) -> dict[str, Raw]:
        """Its parameters by attribute, as they are stored."""
        manifest = decode_manifest(self.run.constants)
        return {name: raw for name, raw in manifest.artifacts.items() if name in self.run.parameters}

    def decide(self, workspace: Workspace, plan: Plan, now: Mapping[str, str], step: str | None) -> Resume:
        """What is taken over, given the new run's parameters (as JSON text) and the step to run again."""
        return Resume(
            plan,
            workspace.metadata.tasks(self.run.id, TaskQuery(states=(State.SUCCEEDED,))),
            again=plan.after(step) if step is not None else frozenset(),
            changed=changed_parameters(self.run.parameters, now),
        )


def settle_as_origin(flow: type[FlowSpec], settings: Settings, name: str | None) -> None:
    """Give a flow the configs of the run that is resumed, everywhere. Raises NothingToResume, NotFound.

    The database is closed again: it must not be open when the back end forks.
    """
    workspace = open_workspace(settings)
    try:
        origin = find_origin(workspace, flow.__name__, name)
        configure_as_recorded(flow, origin.run.constants, workspace.artifacts)
    finally:
        workspace.metadata.close()


def find_origin(workspace: Workspace, flow: str, name: str | None) -> Origin:
    """The run to resume: the one that is named, else the newest of the flow. Raises NothingToResume, NotFound."""
    found = _named(workspace, flow, name) if name else _newest(workspace, flow)
    if SPUN in found.system_tags:
        raise NothingToResume(problem=f"{found.id} is one step on its own, made by `spin`", hint="name another run")
    if found.state is State.RUNNING:
        raise NothingToResume(
            problem=f"{found.id} is still running",
            hint="wait for its end or stop it, or name another run with --origin-run-id",
        )
    return Origin(found)


def _newest(workspace: Workspace, flow: str) -> RunRecord:
    runs = workspace.metadata.runs(RunQuery(flow=flow, without=(SPUN,), limit=1))
    if not runs:
        raise NothingToResume(problem=f"{flow} has no run yet", hint="start one with `run`")
    return runs[0]


def _named(workspace: Workspace, flow: str, name: str) -> RunRecord:
    path = parse(name if "/" in name else f"{flow}/{name}", least=2, most=2)
    if path.flow != flow:
        raise NothingToResume(problem=f"{name} is a run of another flow than {flow}")
    if path.run is None or not path.run.isdigit():
        return _newest(workspace, flow)
    found = workspace.metadata.run(RunId(flow, int(path.run)))
    if found is None:
        raise NotFound(what=f"run {path}", place=f" in {workspace.home}", hint="`flagstone runs` lists the runs")
    return found
