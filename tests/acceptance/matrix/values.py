"""Behaviours about values: artifacts of every type, merging, parameters, configs, and what surrounds a step."""

import datetime as dt
from collections.abc import Sequence
from typing import Any, ClassVar

from flagstone import Run
from tests.acceptance.matrix.behaviour import Behaviour
from tests.acceptance.matrix.doors import Ask
from tests.acceptance.matrix.story import Played
from tests.strategies import Line

ZOO: dict[str, Any] = {
    "none": None,
    "flag": True,
    "huge": 2**80,
    "ratio": 0.1,
    "text": "naïve ✓",
    "raw": b"\x00\xff",
    "pair": (1, "b"),
    "many": {3, 1, 2},
    "day": dt.date(2030, 1, 31),
    "by_name": {"z": 1, "a": [2, {"deep": None}]},
}


class ArtifactsKeepValueAndType(Behaviour):
    """The first step sets one of each type; nobody reads them; one is changed in place, one deleted."""

    name = "artifacts"

    def then(self, line: Line) -> Sequence[str]:
        own = f"self.own_{line.name} = [self.place]"
        if line == self.lines[0]:
            return [*(f"self.{key} = {value!r}" for key, value in ZOO.items()), own]
        changed = ["if hasattr(self, 'by_name'):", "    self.by_name['z'] += 1"]
        return [*changed, "if hasattr(self, 'flag'):", "    del self.flag", own]

    def effect(self, task: Played) -> None:
        if not task.parents:
            task.has |= ZOO
        elif "by_name" in task.has:
            task.has["by_name"] = {**task.has["by_name"], "z": task.has["by_name"]["z"] + 1}
            task.has.pop("flag", None)
        task.has[f"own_{task.step}"] = [task.place]


class JoinsMerge(Behaviour):
    """Joins merge what their inputs have; where they differ, the conflict is named and then resolved."""

    name = "merge"

    def then(self, line: Line) -> Sequence[str]:
        if not line.closes:
            base = ["self.base = {'from': 'start'}"] if line == self.lines[0] else []
            return [*base, "self.clash = self.place", f"self.own_{line.name} = {line.name!r}"]
        merge = "self.merge_artifacts(inputs, exclude=['items', 'choice'])"
        return [
            "self.conflicts = []",
            "try:",
            f"    {merge}",
            "except UnhandledInMergeArtifactsException as error:",
            "    self.conflicts = sorted(error.artifact_names)",
            "    assert not hasattr(self, 'base'), 'half merged'",
            "    self.clash = self.place",
            f"    {merge}",
        ]

    def effect(self, task: Played) -> None:
        if not task.line.closes:
            if not task.parents:
                task.has["base"] = {"from": "start"}
            task.has |= {"clash": task.place, f"own_{task.step}": task.step}
            return
        inputs = [one for one in task.parents if one.has and one.line.name != task.line.closes]
        own, different = dict(task.has), {one.has["clash"] for one in inputs}
        for one in inputs:
            task.has |= {key: value for key, value in one.has.items() if key not in ("items", "choice")}
        task.has |= own
        task.has["conflicts"] = ["clash"] if len(different) > 1 else []
        if len(different) > 1:
            task.has["clash"] = task.place


class ParametersAreSeenEverywhere(Behaviour):
    """Every step reads the same values, given or default, and can change none."""

    name = "parameters"
    attributes: ClassVar[Sequence[str]] = (
        "alpha = Parameter('alpha', default=1)",
        "names = Parameter('names', default=['x'])",
        "mode = Parameter('mode', default='slow', choices=['slow', 'fast'])",
        "sure = Parameter('sure', default=False)",
        "rate = Parameter('rate', type=float, required=True)",
        "fixed = [1, 2]",
    )
    ask = Ask(parameters={"alpha": 7, "names": ["p", "q"], "sure": True, "rate": 0.25})
    beside = frozenset({"alpha", "names", "mode", "sure", "rate", "fixed"})
    given: ClassVar[list[Any]] = [7, ["p", "q"], "slow", True, 0.25, [1, 2]]

    def then(self, line: Line) -> Sequence[str]:
        seen = "self.seen = [self.alpha, self.names, self.mode, self.sure, self.rate, self.fixed]"
        return [seen, "try:", "    self.alpha = 9", "except AttributeError:", "    self.kept = True"]

    def effect(self, task: Played) -> None:
        task.has |= {"seen": self.given, "kept": True}

    def check(self, run: Run, came: Any) -> None:
        assert {key: run.parameters[key] for key in self.ask.parameters} == self.ask.parameters


class ConfigsReachEverything(Behaviour):
    """One value from the command line: on `self`, in a parameter's default, and in the decorator of every step."""

    name = "configs"
    attributes: ClassVar[Sequence[str]] = (
        "cfg = Config('cfg', default_value={'a': {'b': 1}, 'word': 'built in'})",
        "alpha = Parameter('alpha', default=cfg.a.b)",
    )
    ask = Ask(configs={"cfg": {"a": {"b": 5}, "word": "given"}})
    beside = frozenset({"cfg", "alpha"})

    def decorators(self, line: Line) -> Sequence[str]:
        return ["@environment(vars={'CELL_WORD': config_expr('cfg.word')})"]

    def then(self, line: Line) -> Sequence[str]:
        return ["self.seen = [self.cfg.a.b, self.alpha, os.environ['CELL_WORD']]"]

    def effect(self, task: Played) -> None:
        task.has["seen"] = [5, 5, "given"]


class TheEnvironmentIsTheSteps(Behaviour):
    """Every other step has a variable; the steps between see nothing of it."""

    name = "environment"

    def _has(self, line: Line) -> bool:
        return self.lines.index(line) % 2 == 0

    def decorators(self, line: Line) -> Sequence[str]:
        return [f"@environment(vars={{'CELL_PLACE': {line.name!r}}})"] if self._has(line) else []

    def then(self, line: Line) -> Sequence[str]:
        return ["self.room = os.environ.get('CELL_PLACE')"]

    def effect(self, task: Played) -> None:
        task.has["room"] = task.step if self._has(task.line) else None


class OwnDecoratorsSurroundSteps(Behaviour):
    """Two decorators of the user's around every step, the outer one with a word of its own."""

    name = "own_decorators"
    head = """
@user_step_decorator
def outer(step_name, flow, inputs, attributes):
    flow.around = [attributes["word"], step_name, inputs is not None]
    yield
    flow.around = [*flow.around, flow.place]


@user_step_decorator
def inner(step_name, flow, inputs):
    flow.around = [*flow.around, "inner"]
    yield
"""

    def decorators(self, line: Line) -> Sequence[str]:
        return ["@outer(word='hello')", "@inner"]

    def effect(self, task: Played) -> None:
        task.has["around"] = ["hello", task.step, bool(task.line.closes), "inner", task.place]
