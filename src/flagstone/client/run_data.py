"""What is known of one run: its record, its plan, its parameters and constants; shared by its steps and tasks."""

from functools import cached_property
from typing import Any

from flagstone.client.main_module import resolver_for
from flagstone.client.scope import Scope
from flagstone.model.artifacts import Manifest, decode_manifest
from flagstone.model.errors import NamespaceMismatch, NotFound
from flagstone.model.ids import LATEST, RunId
from flagstone.model.plan import Plan
from flagstone.model.records import SPUN, RunQuery, RunRecord


class RunData:
    """One run as it was when it was looked up; `now` asks again as long as it may change."""

    def __init__(self, scope: Scope, record: RunRecord) -> None:
        self.scope = scope
        self.record = record

    @property
    def id(self) -> RunId:
        """The run."""
        return self.record.id

    def now(self) -> RunRecord:
        """The record as it is now."""
        if not self.record.state.finished:
            self.record = self.scope.workspace.metadata.run(self.id) or self.record
        return self.record

    @cached_property
    def plan(self) -> Plan:
        """The flow as it was when the run began."""
        return self.scope.workspace.metadata.plan(self.record.plan_digest)

    @property
    def environment(self) -> dict[str, str]:
        """What it ran with, as its system tags tell it."""
        told = dict(tag.partition(":")[::2] for tag in self.record.system_tags)
        return {name: told[name] for name in ("runtime", "python_version", "flagstone_version", "user") if name in told}

    @cached_property
    def constants(self) -> Manifest:
        """The parameters and class constants."""
        return decode_manifest(self.record.constants) if self.record.constants else Manifest()

    def find_in_main(self, name: str) -> Any:
        """What the run's own file defines under `name`: for values that were pickled from `__main__`."""
        return resolver_for(self.plan)(name)

    def __getstate__(self) -> tuple[Scope, RunRecord]:
        return self.scope, self.record

    def __setstate__(self, state: tuple[Scope, RunRecord]) -> None:
        self.scope, self.record = state


def find_run(scope: Scope, flow: str, name: str) -> RunData:
    """The run `name`, a number or `latest`, of a flow. Raises NotFound, NamespaceMismatch."""
    metadata = scope.workspace.metadata
    if name == LATEST:
        found = metadata.runs(RunQuery(flow=flow, namespace=scope.namespace, without=(SPUN,), limit=1))
        if not found:
            require_flow(scope, flow)
            raise NotFound(what=f"a run of {flow}", place=scope.place)
        return RunData(scope, found[0])
    record = metadata.run(RunId(flow, int(name)))
    if record is None:
        raise NotFound(what=f"run {flow}/{name}", place=scope.place, hint="`flagstone runs` lists the runs")
    if not scope.shows(record):
        raise _hidden(f"{flow}/{name}", scope, record)
    return RunData(scope, record)


def require_flow(scope: Scope, flow: str) -> None:
    """Raise NotFound for a flow without runs, NamespaceMismatch for one without runs that are visible."""
    metadata = scope.workspace.metadata
    if metadata.runs(RunQuery(flow=flow, namespace=scope.namespace, limit=1)):
        return
    anyones = metadata.runs(RunQuery(flow=flow, limit=1))
    if anyones:
        raise _hidden(flow, scope, anyones[0])
    raise NotFound(what=f"flow {flow}", place=scope.place, hint="`flagstone runs` lists the flows that have run")


def _hidden(what: str, scope: Scope, record: RunRecord) -> NamespaceMismatch:
    return NamespaceMismatch(what=what, namespace=scope.namespace, owner=record.namespace)
