"""What a run belongs to and follows from: the branch of its project, and the runs that are to have started it."""

from collections.abc import Sequence

from flagstone.app.settings import Settings
from flagstone.app.workspace import Workspace
from flagstone.kit.text import listed
from flagstone.model.errors import InvalidTrigger, NotFound
from flagstone.model.flow_declarations import Project, TriggerOnFinish
from flagstone.model.ids import RunId, parse
from flagstone.model.plan import Plan
from flagstone.model.projects import Branch, branch_of
from flagstone.model.records import RunQuery, RunRecord
from flagstone.model.states import State


def branch_for(plan: Plan, settings: Settings, branch: str | None, production: bool | None) -> Branch | None:
    """The branch of a run; None for a flow without @project. Raises InvalidProject."""
    for said in plan.all_declared(Project):
        wanted = settings.branch if branch is None else branch
        return branch_of(said, settings.user, wanted, settings.production if production is None else production)
    return None


def triggers_for(plan: Plan, workspace: Workspace, names: Sequence[str]) -> tuple[str, ...]:
    """The runs that were named, in full. Raises InvalidTrigger for one that would start no run, NotFound."""
    expected = [name for said in plan.all_declared(TriggerOnFinish) for name in said.names]
    return tuple(_trigger(plan, workspace, name, expected) for name in names)


def _trigger(plan: Plan, workspace: Workspace, name: str, expected: Sequence[str]) -> str:
    path = parse(name, least=2, most=2)
    if path.flow not in expected:
        raise InvalidTrigger(
            name=name,
            problem=f"{plan.flow} is not started by {path.flow}",
            hint=f"@trigger_on_finish names {listed(list(expected))}" if expected else "give it @trigger_on_finish",
        )
    run = _run(workspace, path.flow, path.run or "")
    if run is None:
        raise NotFound(what=f"run {name}", place=f" in {workspace.home}", hint="`flagstone runs` lists the runs")
    if run.state is not State.SUCCEEDED:
        problem = f"the run is {run.state}: only one that succeeded starts another"
        raise InvalidTrigger(name=name, problem=problem, hint="name a run that succeeded")
    return str(run.id)


def _run(workspace: Workspace, flow: str, run: str) -> RunRecord | None:
    if run.isdigit():
        return workspace.metadata.run(RunId(flow, int(run)))
    return next(iter(workspace.metadata.runs(RunQuery(flow=flow, states=(State.SUCCEEDED,), limit=1))), None)
