"""Names of things: `Flow`, `Flow/7`, `Flow/7/train`, `Flow/7/train/12`, `Flow/7/train/12/model`; parsed once."""

import re

from msgspec import Struct

from flagstone.kit.text import listed, plural
from flagstone.model.errors import InvalidPathspec

_NAME = re.compile(r"[^\W\d]\w{0,254}\Z")
_NUMBER = re.compile(r"[1-9][0-9]{0,17}\Z")


class RunId(Struct, frozen=True, order=True):
    """A run: its flow's name and its number, which counts up from 1 within the flow."""

    flow: str
    number: int

    def __str__(self) -> str:
        return f"{self.flow}/{self.number}"


class TaskId(Struct, frozen=True, order=True):
    """A task: its run, its step and its number, which counts up from 1 within the run."""

    run: RunId
    step: str
    number: int

    def __str__(self) -> str:
        return f"{self.run}/{self.step}/{self.number}"


class Pathspec(Struct, frozen=True):
    """A parsed path; the parts from the right are None when the path is shorter."""

    flow: str
    run: str | None = None
    step: str | None = None
    task: str | None = None
    artifact: str | None = None

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts that are there, from the left."""
        return tuple(p for p in (self.flow, self.run, self.step, self.task, self.artifact) if p is not None)

    def __str__(self) -> str:
        return "/".join(self.parts)


LATEST = "latest"


def parse(text: str, *, least: int = 1, most: int = 5) -> Pathspec:
    """Parse `Flow/run/step/task/artifact` with `least` to `most` parts.

    A run or a task is a number; `latest` also names a run. Raises InvalidPathspec, which says what is expected.
    """
    parts = str(text).strip("/").split("/") if text else []
    if not least <= len(parts) <= most:
        raise _wrong(text, f"it has {plural(len(parts), 'part')}, not {_expected(least, most)}", least, most)
    checks = (_NAME, _NUMBER, _NAME, _NUMBER, _NAME)
    names = ("flow", "run", "step", "task", "artifact")
    for part, check, name in zip(parts, checks, names, strict=False):
        if check.match(part) or (name == "run" and part == LATEST):
            continue
        kind = "a number" if check is _NUMBER else "a name"
        raise _wrong(text, f"{part[:40]!r} stands where the {name} should: {kind} is expected", least, most)
    return Pathspec(*parts)


def _wrong(text: str, problem: str, least: int, most: int) -> InvalidPathspec:
    forms = ("Flow", "Flow/run", "Flow/run/step", "Flow/run/step/task", "Flow/run/step/task/artifact")
    hint = f"write {listed(forms[least - 1 : most], 'or')}"
    return InvalidPathspec(text=str(text)[:80], problem=problem, hint=hint)


def _expected(least: int, most: int) -> str:
    return str(least) if least == most else f"{least} to {most}"
