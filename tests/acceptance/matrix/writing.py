"""Writes a cell as the file that a person would write: a shape's steps, with what a behaviour puts into them."""

from collections.abc import Sequence
from itertools import chain
from typing import Protocol

from flagstone.model.plan import Transition
from tests.acceptance.matrix.shapes import Shape
from tests.acceptance.matrix.story import ELEMENTS
from tests.strategies import Line

FLOW = "CellFlow"
HEAD = """import os
import sys
import time
import datetime
from flagstone import (
    Config, FlowSpec, Parameter, catch, config_expr, current, environment, parallel, retry, step, timeout,
    user_step_decorator,
)
from flagstone.exception import UnhandledInMergeArtifactsException


def place(flow, name):
    return f"{name}{[index for index, _, _ in flow.foreach_stack()]}"
"""


class Written(Protocol):
    """What a behaviour puts into a file."""

    @property
    def head(self) -> str:
        """Code before the class."""

    @property
    def attributes(self) -> Sequence[str]:
        """Lines at the top of the class."""

    def decorators(self, line: Line) -> Sequence[str]:
        """What stands above a step."""

    def first(self, line: Line) -> Sequence[str]:
        """What a step does before anything else."""

    def then(self, line: Line) -> Sequence[str]:
        """What a step does before it goes on."""


def source_of(shape: Shape, behaviour: Written) -> str:
    """The text of the file."""
    lines = shape.lines
    written = [_step(shape, line, behaviour) for line in lines]
    top = [f"    {text}" for text in (*behaviour.attributes, "")]
    half = len(lines) // 2 if shape.inherited else 0
    text = [HEAD, behaviour.head, ""]
    if half:
        text += ["class BaseFlow(FlowSpec):", *top, *chain(*written[:half]), ""]
        text += [f"class {FLOW}(BaseFlow):"]
    else:
        text += [f"class {FLOW}(FlowSpec):", *top]
    text += [*chain(*written[half:]), "", 'if __name__ == "__main__":', f"    {FLOW}()"]
    return "\n".join(text) + "\n"


def _step(shape: Shape, line: Line, behaviour: Written) -> list[str]:
    called = dict(shape.names)
    ends = [key for key in ("start", "end") if called.get(key) == line.name and len(shape.lines) > 1]
    text = [*behaviour.decorators(line), *(["@parallel"] if line.gang else [])]
    text += [f"@step({ends[0]}=True)" if ends else "@step"]
    text += [f"def {line.name}(self{', inputs' if line.closes else ''}):"]
    does = [*_arrive(line, first=line == shape.lines[0]), *behaviour.first(line)]
    does += [*behaviour.then(line), *_go_on(line, arms=shape.arms)]
    return [f"    {one}" for one in (*text, *(f"    {one}" for one in does), "")]


def _arrive(line: Line, *, first: bool) -> list[str]:
    text = ["self.at = self.foreach_stack()", f"self.place = place(self, {line.name!r})"]
    if line.closes:
        text += ["self.trail = [[task.trail for task in inputs], self.place]"]
        return [*text, "self.laps = inputs[0].laps if len(inputs) else {}"]
    if first:
        return [*text, "self.trail = [self.place]", "self.laps = {}"]
    return [*text, "self.trail = [*self.trail, self.place]"]


def _go_on(line: Line, *, arms: bool) -> list[str]:
    """The transition, and what it needs."""
    targets = [f"self.{target}" for target in line.next]
    if line.transition is Transition.END:
        return []
    if line.transition is Transition.FOREACH:
        return [f"self.items = {list(ELEMENTS[: line.width])}", f"self.next({targets[0]}, foreach='items')"]
    if line.transition is Transition.PARALLEL:
        return [f"self.next({targets[0]}, num_parallel={line.width})"]
    if line.transition is not Transition.SWITCH:
        return [f"self.next({', '.join(targets)})"]
    if arms:
        first, second = targets
        arm = ["if self.choice == 0:", f"    self.next({first})", "else:", f"    self.next({second})"]
        return [*_choose(line), *arm]
    cases = ", ".join(f"{key}: {target}" for key, target in enumerate(targets))
    return [*_choose(line), f"self.next({{{cases}}}, condition='choice')"]


def _choose(line: Line) -> list[str]:
    if not line.loops:
        indices = "sum(index for index, _, _ in self.foreach_stack())"
        return [f"self.choice = ({line.taken} + {indices}) % {len(line.next)}"]
    return [
        f"lap = self.laps.get({line.name!r}, 0)",
        f"self.choice = 0 if lap < {line.taken} else 1",
        f"self.laps = {{**self.laps, {line.name!r}: lap + 1 if lap < {line.taken} else 0}}",
    ]
