"""What is allowed in a flow but looks like a mistake, in words: for `check --warnings`; nothing of it stops a run."""

import ast
import sys

from flagstone.dsl.flow import FlowSpec
from flagstone.dsl.source import shown, text_of
from flagstone.model.plan import Plan


def remarks(flow: type[FlowSpec], plan: Plan) -> list[str]:
    """One line for each finding."""
    spoken_of = _names(flow, plan)
    place = shown(plan.file)
    return [
        f"{place}: nothing reads self.{parameter.attribute}, the parameter {parameter.name!r}"
        for parameter in plan.parameters
        if parameter.attribute not in spoken_of
    ]


def _names(flow: type[FlowSpec], plan: Plan) -> set[str]:
    """Every attribute that is read, and every text, in the files that define the flow and its bases."""
    found: set[str] = set()
    for file in _files(flow, plan):
        text = text_of(file)
        tree = ast.parse(text) if text is not None else ast.Module([], [])
        nodes = list(ast.walk(tree))
        named = {id(node.args[0]) for node in nodes if isinstance(node, ast.Call) and _is_parameter(node)}
        found |= {node.attr for node in nodes if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load)}
        texts = (node for node in nodes if isinstance(node, ast.Constant) and id(node) not in named)
        found |= {node.value for node in texts if isinstance(node.value, str)}
    return found


def _is_parameter(call: ast.Call) -> bool:
    """Whether a call declares a parameter: the name that it gives is no use of it."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    return name in ("Parameter", "IncludeFile") and bool(call.args)


def _files(flow: type[FlowSpec], plan: Plan) -> set[str]:
    """The files that define the flow, its bases and its steps."""
    modules = [sys.modules.get(base.__module__) for base in flow.__mro__]
    own = [module for module in modules if module is not None and module.__name__.split(".")[0] != "flagstone"]
    files = {getattr(module, "__file__", None) or "" for module in own} | {step.where.file for step in plan.steps}
    return {file for file in files if file.endswith(".py")}
