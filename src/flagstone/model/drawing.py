"""A plan drawn for people and programs: indented text, Mermaid, Graphviz, and plain data."""

from typing import Any

import msgspec

from flagstone.kit.text import listed
from flagstone.model.plan import Plan, Step, Transition


def text(plan: Plan) -> str:
    """The plan as `show` prints it: each step with its docstring and where it goes, indented inside its splits."""
    depths = plan.depths()
    paragraphs = ["\n".join(_filled(plan.flow, plan.doc, "")).rstrip()]
    for step in plan.steps:
        pad = "    " * depths[step.name]
        lines = _filled(f"Step {step.name}", step.doc, pad)
        if step.name in plan.matching_split:
            lines.append(f"{pad}    joins what {plan.matching_split[step.name]} split")
        lines += [f"{pad}    {line}" for line in _onward(plan, step)]
        paragraphs.append("\n".join(lines))
    return "\n\n".join(paragraphs) + "\n"


def _filled(title: str, doc: str, pad: str) -> list[str]:
    lines = [f"{pad}    {line}".rstrip() for line in doc.strip().splitlines()]
    return [f"{pad}{title}", *lines]


def _onward(plan: Plan, step: Step) -> list[str]:
    match step.transition:
        case Transition.END:
            return ["the end"]
        case Transition.FOREACH:
            return [f"=> {step.next[0]}, for each of self.{step.foreach}"]
        case Transition.PARALLEL:
            return [f"=> {step.next[0]}, num_parallel={step.num_parallel}"]
        case Transition.SWITCH:
            said = "self." if step.condition is not None else ""
            return [
                f"=> {target} if {said}{says}{', again' if plan.goes_back(step.name, target) else ''}"
                for target, says in _edges(step)
            ]
        case _:
            return [f"=> {', '.join(step.next)}"]


def _edges(step: Step) -> list[tuple[str, str]]:
    """The steps that follow, each with what an arrow to it says."""
    if step.transition is Transition.SWITCH:
        keys: dict[str, list[str]] = {}
        for case in step.cases:
            keys.setdefault(case.target, []).append(repr(case.key) if step.condition is not None else str(case.key))
        asked = f"{step.condition} = " if step.condition is not None else ""
        return [(target, asked + listed(found, "or")) for target, found in keys.items()]
    says = ""
    if step.transition is Transition.FOREACH:
        says = f"each of {step.foreach}"
    elif step.transition is Transition.PARALLEL:
        says = f"num_parallel={step.num_parallel}"
    return [(target, says) for target in step.next]


def mermaid(plan: Plan) -> str:
    """A Mermaid flowchart."""
    lines = ["flowchart TD"]
    for step in plan.steps:
        before, after = ("([", "])") if step.name in (plan.start, plan.end) else _MERMAID_SHAPES[_shape(step)]
        lines.append(f'    {_id(step.name)}{before}"{_entities(step.name)}"{after}')
    for step in plan.steps:
        for target, says in _edges(step):
            line = "-.->" if plan.goes_back(step.name, target) else "-->"
            arrow = f'{line}|"{_entities(says)}"|' if says else line
            lines.append(f"    {_id(step.name)} {arrow} {_id(target)}")
    return "\n".join(lines) + "\n"


_MERMAID_SHAPES = {"step": ("[", "]"), "join": ("[/", "\\]"), "switch": ("{", "}")}
_DOT_SHAPES = {"step": "box", "join": "trapezium", "switch": "diamond"}


def _shape(step: Step) -> str:
    if step.joins:
        return "join"
    return "switch" if step.transition is Transition.SWITCH else "step"


def _id(name: str) -> str:
    """A node's name in Mermaid, where `end` and others are words of the language."""
    return f"step_{name}"


def _entities(label: str) -> str:
    """A label in Mermaid, which knows no backslashes: what could end it or be taken for markup becomes a number."""
    return "".join(c if c.isalnum() or c in " _=.,-'" else f"#{ord(c)};" for c in label)


def dot(plan: Plan) -> str:
    """A Graphviz digraph."""
    lines = [f"digraph {_quoted(plan.flow)} {{", "    rankdir=TB;"]
    for step in plan.steps:
        shape = "oval" if step.name in (plan.start, plan.end) else _DOT_SHAPES[_shape(step)]
        lines.append(f"    {_quoted(step.name)} [shape={shape}];")
    for step in plan.steps:
        for target, says in _edges(step):
            traits = [f"label={_quoted(says)}"] if says else []
            traits += ["style=dashed", "constraint=false"] if plan.goes_back(step.name, target) else []
            words = f" [{', '.join(traits)}]" if traits else ""
            lines.append(f"    {_quoted(step.name)} -> {_quoted(target)}{words};")
    return "\n".join([*lines, "}"]) + "\n"


def _quoted(label: str) -> str:
    escaped = label.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def data(plan: Plan) -> dict[str, Any]:
    """The plan as data that JSON can hold, with the words that graphs are exchanged in."""
    closed_by = {split: join for join, split in plan.matching_split.items()}
    return {
        "flow": plan.flow,
        "file": plan.file,
        "doc": plan.doc,
        "start_step": plan.start,
        "end_step": plan.end,
        "parameters": [msgspec.to_builtins(p) | {"choices": list(p.choices)} for p in plan.parameters],
        "configs": [msgspec.to_builtins(config) for config in plan.configs],
        "constants": list(plan.constants),
        "steps": {step.name: _step_data(plan, step, closed_by.get(step.name)) for step in plan.steps},
    }


def _step_data(plan: Plan, step: Step, matching_join: str | None) -> dict[str, Any]:
    return {
        "name": step.name,
        "type": _type(plan, step),
        "file": step.where.file,
        "line": step.where.line,
        "doc": step.doc,
        "next": list(step.next),
        "foreach_artifact": step.foreach,
        "num_parallel": step.num_parallel,
        "condition": step.condition,
        "switch_cases": [[case.key, case.target] for case in step.cases],
        "goes_back_to": [target for target in step.next if plan.goes_back(step.name, target)],
        "matching_join": matching_join,
        "matching_split": plan.matching_split.get(step.name),
        "decorators": [msgspec.to_builtins(declaration) for declaration in step.declarations],
    }


_TYPES = {
    Transition.SPLIT: "split-static",
    Transition.FOREACH: "split-foreach",
    Transition.PARALLEL: "split-parallel",
    Transition.SWITCH: "split-switch",
}


def _type(plan: Plan, step: Step) -> str:
    if step.transition in _TYPES:
        return _TYPES[step.transition]
    if step.joins:
        return "join"
    return {plan.start: "start", plan.end: "end"}.get(step.name, "linear")
