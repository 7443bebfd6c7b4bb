"""Writes a notebook that opens a past task and has its step's code, ready to run; it takes no Jupyter to write it."""

import ast
import inspect
import json
import textwrap
from pathlib import Path
from typing import Any

from flagstone.app import workspace as workspaces
from flagstone.app.past import Past
from flagstone.cli.debugging import find, flow_of
from flagstone.cli.door import Door
from flagstone.cli.output import note
from flagstone.dsl.flow import FlowSpec
from flagstone.model.errors import UnknownStep, UnusableHome


def write(door: Door, pathspec: str | None, target: str) -> None:
    """Write the notebook. Raises UnknownStep, UnusableHome, and what finding and loading raise."""
    past = find(door, pathspec)
    flow = flow_of(door, past)
    book = render(past, flow, str(workspaces.default().home))
    try:
        Path(target).write_text(json.dumps(book, indent=1) + "\n", "utf-8")
    except OSError as error:
        hint = "give --notebook a path that can be written"
        raise UnusableHome(path=target, problem=error.strerror or str(error), hint=hint) from None
    note(f"{target} opens {past.task.id}: run its cells in Jupyter or an editor")


def render(past: Past, flow: type[FlowSpec], home: str) -> dict[str, Any]:
    """The notebook as data, in format 4.5."""
    step = past.task.id.step
    joins = past.plan.step(step).joins
    opening = (
        "from flagstone import Task, metadata, open_task\n\n"
        f"metadata({'local@' + home!r})\n"
        f"opened = open_task({str(past.task.id)!r}, into=globals(), begun=True)\n"
        "self, inputs = opened.self, opened.inputs"
    )
    cells = [
        _text(_story(past)),
        _code(opening),
        _text("What it left when it failed or ended:"),
        _code(f"left = Task({str(past.task.id)!r}).data\nleft"),
        _text("The step as it is now. `self` has the artifacts that it began with; nothing here is recorded."),
        _code(source_of(flow, step)),
        _code(f"{step}(self, inputs)" if joins else f"{step}(self)"),
        _code("vars(self)  # what it assigned"),
    ]
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {
        "cells": cells,
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def source_of(flow: type[FlowSpec], step: str) -> str:
    """The text of a step's method as a function, without its decorators. Raises UnknownStep."""
    steps = flow.__flagstone__.steps
    if step not in steps:
        raise UnknownStep(flow=flow.__name__, step=step, steps=", ".join(steps))
    text = textwrap.dedent(inspect.getsource(inspect.unwrap(steps[step])))
    function = ast.parse(text).body[0]
    return "\n".join(text.splitlines()[function.lineno - 1 :]).rstrip()


def _story(past: Past) -> str:
    failure = past.task.failure
    words = f"# {past.task.id}\n\nIt {past.task.state}."
    if failure is None:
        return words
    return f"{words}\n\n```text\n{failure.traceback.rstrip() or failure.message}\n```"


def _text(source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": source.splitlines(keepends=True)}


def _code(source: str) -> dict[str, Any]:
    lines = source.splitlines(keepends=True)
    return {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": lines}
