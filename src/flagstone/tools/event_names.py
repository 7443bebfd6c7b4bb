"""`namespaced_event_name`: an event's name with the flow's project and branch before it."""

from typing import Any

from flagstone.dsl.current import current


class NamespacedEventName:
    """A name that is known when the project and its branch are: when the flow runs or is deployed."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, context: Any = None) -> str:
        """`project.branch.name` inside a project, else the name alone."""
        del context
        project, branch = current.get("project_name"), current.get("branch_name")
        return f"{project}.{branch}.{self.name}" if project and branch else self.name

    def __repr__(self) -> str:
        return f"namespaced_event_name({self.name!r})"


def namespaced_event_name(name: str) -> NamespacedEventName:
    """For `@trigger(event=namespaced_event_name("sales"))`: events of one branch do not start flows of another."""
    return NamespacedEventName(name)
