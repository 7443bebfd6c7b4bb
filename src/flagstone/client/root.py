"""`Metaflow()`: every flow that one can see in a home."""

from collections.abc import Iterator
from typing import Self

from flagstone.client import display
from flagstone.client.base import Container
from flagstone.client.flow import Flow
from flagstone.client.scope import Scope, current_scope
from flagstone.kit.text import plural
from flagstone.model.records import RunQuery


class Metaflow(Container[Flow]):
    """The flows that have a run in the namespace, the one with the newest run first."""

    kind = "root"
    holds = "flow"

    def __init__(self) -> None:
        super().__init__(current_scope())

    @classmethod
    def of(cls, scope: Scope) -> Self:
        """The flows of a scope."""
        made = cls.__new__(cls)
        made._scope = scope
        return made

    @property
    def pathspec(self) -> str:
        """Empty: this is the root."""
        return ""

    @property
    def flows(self) -> list[Flow]:
        """All of them."""
        return list(self)

    def _shows(self, flow: str) -> bool:
        query = RunQuery(flow=flow, namespace=self._scope.namespace, limit=1)
        return bool(self._scope.workspace.metadata.runs(query))

    def __iter__(self) -> Iterator[Flow]:
        return (Flow.of(self._scope, name) for name in self._scope.workspace.metadata.flows() if self._shows(name))

    def _find(self, key: str) -> Flow | None:
        return Flow.of(self._scope, key) if self._shows(key) else None

    def _facts(self) -> list[str]:
        return [plural(len(self.flows), "flow"), self._scope.home]

    def __repr__(self) -> str:
        return "  ".join(["Metaflow()", *self._facts()])

    def _repr_html_(self) -> str:
        rows = [[flow.id, *flow._facts()] for flow in self]
        return display.paragraph("Metaflow()", self._facts(), display.table(("flow", "latest run"), rows))
