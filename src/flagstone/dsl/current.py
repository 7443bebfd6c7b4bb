"""`current`: what a step can ask about the task it runs in."""

from collections.abc import Callable
from typing import Any

FIELDS = {
    "flow_name": "the flow",
    "run_id": "the number of the run, as text",
    "step_name": "the step",
    "task_id": "the number of the task, as text",
    "pathspec": "`Flow/7/train/12`",
    "retry_count": "which attempt this is, from 0",
    "origin_run_id": "the run that this one resumes; None when it resumes none",
    "namespace": "the namespace of the run",
    "username": "who runs it",
    "tags": "the tags that the run was started with",
    "parameter_names": "the names of the flow's parameters",
    "graph": "the steps of the flow, as data",
    "graph_info": "the same",
    "tempdir": "a folder for files that nobody needs later",
    "task": "this very task as a `Task`",
    "run": "this very run as a `Run`",
    "is_parallel": "whether the task is one of a gang",
    "parallel": "its place in the gang: in steps with @parallel",
    "card": "what the cards of the task will show: in steps with @card",
    "trigger": "what started the run, or None: in flows with @trigger or @trigger_on_finish",
    "project_name": "the project: in flows with @project",
    "branch_name": "the branch of the project: in flows with @project",
    "is_user_branch": "whether the branch is that of one person: in flows with @project",
    "is_production": "whether the run is one of production: in flows with @project",
    "project_flow_name": "`project.branch.Flow`: in flows with @project",
}


class Current:
    """Names and ids of the task that runs now; `is_running_flow` is False outside of one.

    `"card" in current` and `current.get("card")` ask without an error for what only some tasks have.
    """

    def __init__(self) -> None:
        self._supply: Callable[[], dict[str, Any]] | None = None
        self._known: dict[str, Any] | None = None
        self._added: dict[str, Any] = {}

    def _begin(self, supply: Callable[[], dict[str, Any]]) -> None:
        """Called by the engine when a task begins; `supply` gives the fields, when the first of them is asked for."""
        self._supply = supply
        self._known = None
        self._added = {}

    def _add(self, name: str, value: Any) -> None:
        """Called by what wraps a task, for a field that only some tasks have."""
        self._added[name] = value
        self._known = None

    def _end(self) -> None:
        """Called by the engine when a task ends."""
        self._supply = self._known = None
        self._added = {}

    @property
    def _values(self) -> dict[str, Any]:
        if self._known is None and self._supply is not None:
            self._known = {**self._supply(), **self._added}
        return self._known or {}

    @property
    def is_running_flow(self) -> bool:
        """Whether a task runs in this process now."""
        return self._supply is not None

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def get(self, name: str, default: Any = None) -> Any:
        """A field, or `default` where it is not set."""
        return getattr(self, name) if name in self._values else default

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        try:
            value = self._values[name]
        except KeyError:
            what = "this task has" if self._values else "no task runs here, so there is"
            only = FIELDS.get(name, "").rpartition(": ")[2] if ": in " in FIELDS.get(name, "") else ""
            raise AttributeError(f"current.{name}: {what} no such field{only and f'; there is one {only}'}") from None
        return value() if name in _LAZY else value

    def __dir__(self) -> list[str]:
        return sorted({*self._values, "is_running_flow", "get"})

    def __repr__(self) -> str:
        return f"<current {self._values.get('pathspec', 'outside of a task')}>"


_LAZY = frozenset({"graph", "graph_info", "tempdir", "task", "run"})

current = Current()
