"""The graph that an old run recorded, as a plan."""

from pathlib import Path
from typing import Any

from flagstone.app.migration.layout import Damaged, OldRun
from flagstone.model.errors import Location
from flagstone.model.plan import Case, ParameterPlan, Plan, Step, Transition

GRAPH = "_graph_info"

_FORMS = {
    "split-static": Transition.SPLIT,
    "split-and": Transition.SPLIT,
    "split": Transition.SPLIT,
    "split-foreach": Transition.FOREACH,
    "foreach": Transition.FOREACH,
    "split-parallel": Transition.PARALLEL,
    "split-switch": Transition.SWITCH,
    "end": Transition.END,
}
_KINDS = {"int": "int", "float": "float", "bool": "bool", "dict": "json", "list": "json", "NoneType": "str"}


def graph_of(run: OldRun) -> dict[str, Any]:
    """What the run recorded about its graph. Raises Damaged."""
    attempts = [run.parameters] if run.parameters is not None else []
    attempts += [attempt for task in run.tasks() for attempt in task.attempts()]
    for attempt in attempts:
        found = attempt.value(GRAPH)
        if isinstance(found, dict) and isinstance(found.get("steps"), dict) and found["steps"]:
            return found
    raise Damaged(f"{run} has no graph: it ended before it began, or was recorded by a Metaflow before 2.5")


def plan_of(run: OldRun, graph: dict[str, Any], types: dict[str, str]) -> Plan:
    """The plan of the graph; `types` are those of the parameters' values. Raises Damaged."""
    try:
        nodes: dict[str, dict[str, Any]] = graph["steps"]
        start = str(graph.get("start_step") or "start")
        order = _in_order(nodes, start)
        file = _file(run, graph, nodes)
        steps = tuple(_step(nodes[name], file) for name in order)
        matching = {node["matching_join"]: name for name, node in nodes.items() if node.get("matching_join")}
        parameters = [str(entry["name"]) for entry in graph.get("parameters", [])]
        return Plan(
            flow=run.flow,
            file=file,
            start=start,
            end=str(graph.get("end_step") or "end"),
            steps=steps,
            parameters=tuple(ParameterPlan(n, n, _KINDS.get(types.get(n, ""), "str")) for n in parameters),
            constants=tuple(str(entry["name"]) for entry in graph.get("constants", [])),
            doc=str(graph.get("doc") or ""),
            matching_split=matching,
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Damaged(f"the graph of {run} is not right: {type(error).__name__}: {error}") from None


def _in_order(nodes: dict[str, dict[str, Any]], start: str) -> list[str]:
    """Every step after those that lead to it, as far as there are no loops."""
    done: list[str] = []
    seen: set[str] = set()
    stack: list[tuple[str, bool]] = [(name, False) for name in (*reversed(nodes), start)]
    while stack:
        name, left = stack.pop()
        if left:
            done.append(name)
        elif name not in seen:
            seen.add(name)
            stack.append((name, True))
            stack.extend((target, False) for target in nodes[name].get("next", []) if target not in seen)
    return done[::-1]


def _step(node: dict[str, Any], file: str) -> Step:
    following = tuple(str(name) for name in node.get("next", []))
    kind = str(node["type"])
    form = _FORMS.get(kind, Transition.LINEAR if following else Transition.END)
    cases = node.get("switch_cases") or {}
    return Step(
        name=str(node["name"]),
        transition=form if following else Transition.END,
        next=following,
        joins=kind == "join",
        where=Location(file, int(node.get("line") or 1)),
        doc=str(node.get("doc") or ""),
        foreach=_text(node.get("foreach_artifact")) if form is Transition.FOREACH else None,
        num_parallel=str(node.get("num_parallel") or "") if form is Transition.PARALLEL else None,
        condition=_text(node.get("condition")) if form is Transition.SWITCH else None,
        cases=tuple(Case(key, str(target)) for key, target in cases.items()),
    )


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _file(run: OldRun, graph: dict[str, Any], nodes: dict[str, dict[str, Any]]) -> str:
    """The flow's file: beside the directory, where it is there, else where it was."""
    name = str(graph.get("file") or "flow.py")
    told = next((str(node["source_file"]) for node in nodes.values() if node.get("source_file")), "")
    beside = run.directory.root.parent / Path(name).name
    return told if told and not beside.exists() else str(beside.absolute())
