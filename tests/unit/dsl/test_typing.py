"""What a type checker makes of a flow: everything that is right passes, and a mistake is found."""

import inspect
import subprocess
import sys
from pathlib import Path

from flagstone.dsl import typed

ROOT = Path(__file__).resolve().parents[3]

RIGHT = """\
from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

from flagstone import (
    FlowMutator,
    FlowSpec,
    MutableFlow,
    MutableStep,
    Parameter,
    StepMutator,
    UserStepDecorator,
    current,
    resources,
    step,
    user_step_decorator,
)


class Model:
    def predict(self, row: float) -> float:
        return row


@user_step_decorator
def timed(step_name: str, flow: FlowSpec, inputs: Any) -> Generator[None, None, None]:
    yield


class Kept(UserStepDecorator):
    def init(self, name: str) -> None:
        self.name = name

    def pre_step(self, step_name: str, flow: Any, inputs: Any = None) -> Callable[..., Any] | None:
        return None


class Large(StepMutator):
    def mutate(self, mutable_step: MutableStep) -> None:
        mutable_step.add_decorator(resources, deco_kwargs={"cpu": 2})


class Rules(FlowMutator):
    def pre_mutate(self, mutable_flow: MutableFlow) -> None:
        mutable_flow.add_parameter("region", Parameter("region", default="north"))
        for name, mutable_step in mutable_flow.steps:
            mutable_step.add_decorator("timed")


@Rules
class TypedFlow(FlowSpec, check_types=True):
    alpha: float = Parameter("alpha", default=0.1)
    names: list[str] = Parameter("names", default="a,b", separator=",")
    model: Model
    scores: list[float]

    @timed
    @step
    def start(self) -> None:
        self.model = Model()
        self.scores = [self.alpha * 2]
        self.seen = current.step_name
        self.next(self.work, foreach="scores")

    @Kept("x")
    @Large
    @resources(cpu=1)
    @step
    def work(self) -> None:
        self.score = self.model.predict(self.input)
        self.next(self.join)

    @step
    def join(self, inputs: Any) -> None:
        self.scores = [one.score for one in inputs]
        self.next(self.end)

    @step
    def end(self) -> None:
        print(max(self.scores), self.names[0].upper())


if __name__ == "__main__":
    TypedFlow()
"""

WRONG = RIGHT.replace("[self.alpha * 2]", "[self.alpha.upper()]").replace("[one.score for one in inputs]", "3")


def checked(folder: Path, text: str) -> list[str]:
    """What mypy says about a file."""
    (folder / "typed_flow.py").write_text(text)
    words = ["--strict", "--no-error-summary", "--config-file", str(ROOT / "pyproject.toml")]
    cache = ["--cache-dir", str(ROOT / ".mypy_cache")]
    command = [sys.executable, "-m", "mypy", *words, *cache, "typed_flow.py"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert not done.stderr
    return done.stdout.splitlines()


def test_a_flow_with_declared_artifacts_and_parameters_passes_in_strict_mode(tmp_path: Path) -> None:
    assert checked(tmp_path, RIGHT) == []


def test_a_step_that_uses_them_wrongly_is_found(tmp_path: Path) -> None:
    said = checked(tmp_path, WRONG)

    assert len(said) == 2
    assert '"float" has no attribute "upper"' in said[0]
    assert "Incompatible types in assignment" in said[1]


def test_what_type_checkers_see_has_the_arguments_of_what_runs() -> None:
    for name, seen in vars(typed).items():
        if isinstance(seen, type) and seen.__module__ == typed.__name__:
            real = seen.__base__
            assert real is not None
            there = inspect.signature(seen.__new__).parameters
            expected = inspect.signature(vars(real)["__init__"]).parameters
            assert [(p.name, p.default, p.kind) for p in there.values()][1:] == [
                (p.name, p.default, p.kind) for p in expected.values()
            ][1:], name
