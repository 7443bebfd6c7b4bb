"""The graph that an old run recorded, as a plan."""

from pathlib import Path
from typing import Any

from flagstone.app.migration.layout import Damaged, OldAttempt, OldRun
from flagstone.app.migration.values import THEIRS
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
    """What the run recorded about its graph, or else what its tasks show of it. Raises Damaged."""
    attempts = [run.parameters] if run.parameters is not None else []
    attempts += [attempt for task in run.tasks() for attempt in task.attempts()]
    for attempt in attempts:
        found = attempt.value(GRAPH)
        if isinstance(found, dict) and isinstance(found.get("steps"), dict) and found["steps"]:
            return found
    return _shown_by_tasks(run)


def _shown_by_tasks(run: OldRun) -> dict[str, Any]:
    """The graph as far as it was gone through: a Metaflow before 2.5 recorded nothing else. Raises Damaged."""
    nodes: dict[str, dict[str, Any]] = {}
    for task in run.tasks():
        for attempt in task.attempts():
            node = nodes.setdefault(task.step, {"name": task.step, "type": "linear", "next": []})
            targets, foreach = transition_of(attempt)
            node["next"] = list(dict.fromkeys([*node["next"], *targets]))
            if foreach is not None:
                node.update(type="split-foreach", foreach_artifact=foreach)
            elif len(targets) > 1:
                node["type"] = "split-static"
    if not nodes:
        raise Damaged(f"{run} has no task")
    for name in [name for node in nodes.values() for name in node["next"]]:
        nodes.setdefault(name, {"name": name, "type": "linear", "next": []})
    parents = [target for node in nodes.values() if node["name"] not in node["next"] for target in node["next"]]
    for node in nodes.values():
        if node["type"] == "linear" and len(node["next"]) > 1:
            node["type"] = "split-switch"  # one at a time
    start = "start" if "start" in nodes else next(iter(nodes))
    _match(nodes, start, {name for name in nodes if parents.count(name) > 1} | _narrower(run))
    values = run.parameters.blobs if run.parameters is not None else {}
    return {
        "steps": nodes,
        "start_step": start,
        "end_step": "end" if "end" in nodes else list(nodes)[-1],
        "parameters": [{"name": name} for name in values if name not in THEIRS],
    }


def _narrower(run: OldRun) -> set[str]:
    """The steps that lie in fewer foreach loops than a step that leads to them: they join one."""
    depths = {task.step: len(place_of(attempt)[0]) for task in run.tasks() for attempt in task.attempts()}
    pairs = [(t.step, to) for t in run.tasks() for attempt in t.attempts() for to in transition_of(attempt)[0]]
    return {to for step, to in pairs if to in depths and depths[to] < depths[step]}


def _match(nodes: dict[str, dict[str, Any]], start: str, joins: set[str]) -> None:
    """Say of each split which join closes it: the splits on the way are closed from the innermost outwards."""
    seen: set[str] = set()
    stack: list[tuple[str, tuple[str, ...]]] = [(start, ())]
    while stack:
        name, splits = stack.pop()
        if name in seen:
            continue
        seen.add(name)
        node = nodes[name]
        if name in joins and splits:
            node["type"] = "join"
            nodes[splits[-1]]["matching_join"] = name
            splits = splits[:-1]
        inside = (*splits, name) if node["type"] in ("split-static", "split-foreach") else splits
        stack.extend((target, inside) for target in node["next"])


def transition_of(attempt: OldAttempt) -> tuple[tuple[str, ...], str | None]:
    """The steps that an attempt chose to go on with, and the attribute that it spread. Raises Damaged."""
    told = attempt.value("_transition")
    if not isinstance(told, tuple) or not told or not isinstance(told[0], list):
        return (), None
    return tuple(map(str, told[0])), str(told[1]) if len(told) > 1 and told[1] is not None else None


def place_of(attempt: OldAttempt) -> tuple[tuple[int, ...], str]:
    """The foreach indexes from the outermost to the innermost, and the text of the innermost element.

    Raises Damaged.
    """
    shown = attempt.told("foreach-stack")
    label = str(shown[-1]).partition("=")[2] if isinstance(shown, list) and shown else ""
    told = attempt.told("foreach-execution-path")
    try:
        if isinstance(told, str) and told:
            return tuple(int(part.rpartition(":")[2]) for part in told.split(",")), label
        frames = attempt.value("_foreach_stack") or []
        return tuple(int(frame.arguments[3]) for frame in frames), label
    except (ValueError, TypeError, IndexError, AttributeError) as error:
        raise Damaged(f"the place of {attempt.task} in its foreach cannot be read: {error}") from None


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
