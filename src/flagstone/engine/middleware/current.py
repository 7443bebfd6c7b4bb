"""Sets `current` for the time of an attempt."""

import os
from typing import Any, ClassVar

from flagstone.dsl.current import current
from flagstone.dsl.triggering import TriggeredBy
from flagstone.engine.attempt import Attempt, Proceed
from flagstone.engine.middleware.gang import gang_of
from flagstone.kit import late
from flagstone.model.declaring import Declaration
from flagstone.model.flow_declarations import Trigger, TriggerOnFinish
from flagstone.model.jobs import RunContext


class SetCurrent:
    """Names, ids and lazy views of the task that runs."""

    understands: ClassVar[tuple[type[Declaration], ...]] = ()

    def begin(self, attempt: Attempt) -> None:
        """Fill `current`, for as long as this process likes."""
        current._begin(lambda: _fields(attempt))

    def wrap(self, attempt: Attempt, proceed: Proceed) -> None:
        """Fill `current`, run, empty it."""
        self.begin(attempt)
        try:
            proceed()
        finally:
            current._end()


def _fields(attempt: Attempt) -> dict[str, Any]:
    context, job = attempt.context, attempt.job
    pathspec = f"{context.run}/{job.step}/{job.number}"
    run = str(context.run)
    gang = gang_of(attempt)
    return {
        "flow_name": context.run.flow,
        "run_id": str(context.run.number),
        "step_name": job.step,
        "task_id": str(job.number),
        "retry_count": job.attempt,
        "origin_run_id": None if context.origin is None else str(context.origin.number),
        "pathspec": pathspec,
        "namespace": context.namespace,
        "username": context.user,
        "tags": list(context.tags),
        "parameter_names": [parameter.attribute for parameter in context.plan.parameters],
        **_belonging(context),
        "is_parallel": gang is not None,
        **({} if gang is None else {"parallel": gang}),
        "graph": lambda: _graph(attempt),
        "graph_info": lambda: _graph(attempt),
        "tempdir": lambda: os.environ.get("TMPDIR", "/tmp"),
        "task": lambda: _read(context, "client_task", pathspec),
        "run": lambda: _read(context, "client_run", run),
    }


def _belonging(context: RunContext) -> dict[str, Any]:
    """What `@project` and the triggers add."""
    found: dict[str, Any] = {}
    project, plan = context.project, context.plan
    if project is not None:
        found |= {
            "project_name": project.project,
            "branch_name": project.branch,
            "is_user_branch": project.is_user_branch,
            "is_production": project.is_production,
            "project_flow_name": project.flow_name(plan.flow),
        }
    if any(isinstance(said, Trigger | TriggerOnFinish) for said in plan.declarations):
        found["trigger"] = TriggeredBy(context.triggers) if context.triggers else None
    return found


def _read(context: RunContext, kind: str, pathspec: str) -> Any:
    """A client object of this very run."""
    if not context.apart:
        return late.resolve(kind)(pathspec)
    with late.resolve("client_in_home")(context.home):
        return late.resolve(kind)(pathspec)


def _graph(attempt: Attempt) -> dict[str, Any]:
    plan = attempt.context.plan
    return {
        "file": plan.file,
        "doc": plan.doc,
        "start_step": plan.start,
        "end_step": plan.end,
        "parameters": [{"name": p.name, "type": p.type} for p in plan.parameters],
        "constants": list(plan.constants),
        "steps": {
            step.name: {
                "name": step.name,
                "type": step.transition.value,
                "joins": step.joins,
                "next": list(step.next),
                "line": step.where.line,
                "doc": step.doc,
                "foreach_artifact": step.foreach,
            }
            for step in plan.steps
        },
    }
