"""Behaviours about running again: resume after a failure in each kind of step, resume from a step, spin."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, ClassVar

from flagstone import Run
from tests.acceptance.household import Household
from tests.acceptance.matrix.behaviour import Behaviour
from tests.acceptance.matrix.doors import Door, Spun
from tests.acceptance.matrix.story import Played, steps_after
from tests.acceptance.matrix.writing import FLOW
from tests.strategies import Line

MARK = """
def mark(text):
    descriptor = os.open(os.path.join(os.path.dirname(__file__), "marks"), os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(descriptor, (text + "\\n").encode())
    os.close(descriptor)


def mended():
    return os.path.exists(os.path.join(os.path.dirname(__file__), "mended"))
"""


class _Marking(Behaviour):
    """Every task leaves a mark when it begins, so that it shows what ran twice."""

    processes = True
    head = MARK

    def first(self, line: Line) -> Sequence[str]:
        return ["mark(self.place)"]


class ResumesAfterAFailure(_Marking):
    """The last task of a step of one kind fails; when it is mended, a resume runs that and what had not run."""

    kind: ClassVar[str]

    @property
    def fits(self) -> bool:
        return self.kind in self.kinds()

    @property
    def _broken(self) -> str:
        return self.story.of(self.kinds()[self.kind].name)[-1].place

    def first(self, line: Line) -> Sequence[str]:
        broken = f"if self.place == {self._broken!r} and not mended():"
        return [*super().first(line), broken, "    raise RuntimeError('broken')"]

    def act(self, house: Household, door: Door) -> list[str]:
        door.run(self.ask, succeeds=False)
        (house.work / "mended").touch()
        door.resume()
        return house.lines()

    def check(self, run: Run, came: list[str]) -> None:
        twice = Counter(came)
        twice.subtract(task.place for task in self.story.tasks)
        again = {place: count for place, count in twice.items() if count}
        assert again.pop(self._broken) == 1
        if self.kind == "gang":  # all of it is stopped, some perhaps before their first line, and runs again
            step = self.kinds()["gang"].name
            assert all(place.startswith(f"{step}[") and count == 1 for place, count in again.items()), again
            again = {}
        assert again == {}
        first = Run(f"{FLOW}/1")
        assert first.status == "failed"
        assert (run.id, run.origin_pathspec) == ("2", first.pathspec)


class ResumesFromAStep(_Marking):
    """A step in the middle is named: it runs again with everything after it, and nothing else does."""

    name = "resume_step"

    @property
    def _step(self) -> str:
        names = list(dict.fromkeys(task.step for task in self.story.tasks))
        return names[len(names) // 2]

    def act(self, house: Household, door: Door) -> list[str]:
        door.run(self.ask)
        door.resume(self._step)
        return house.lines()

    def check(self, run: Run, came: list[str]) -> None:
        after = steps_after(self.lines, self._step)
        once = Counter(task.place for task in self.story.tasks)
        again = Counter(task.place for task in self.story.tasks if task.step in after)
        assert Counter(came) == once + again
        assert run.id == "2"
        taken = Counter(step.id for step in run for task in step if task.origin_pathspec)
        assert taken == Counter(task.step for task in self.story.tasks if task.step not in after)


class ResumesWithAnotherParameter(_Marking):
    """One step in the middle reads a parameter: its tasks run again with another value, and what came after them."""

    name = "resume_parameter"
    attributes: ClassVar[Sequence[str]] = ("alpha = Parameter('alpha', default=1)",)
    beside = frozenset({"alpha"})

    @property
    def _reader(self) -> Line:
        return self.lines[len(self.lines) // 2]

    def then(self, line: Line) -> Sequence[str]:
        return ["self.read = self.alpha"] if line == self._reader else []

    def effect(self, task: Played) -> None:
        if task.line == self._reader:
            task.has["read"] = 7

    @property
    def fits(self) -> bool:
        return bool(self.story.of(self._reader.name))

    def act(self, house: Household, door: Door) -> list[str]:
        door.run(self.ask)
        door.resume(alpha=7)
        return house.lines()

    def check(self, run: Run, came: list[str]) -> None:
        once = Counter(task.place for task in self.story.tasks)
        again = Counter(task.place for task in self.story.tasks if task.follows(self._reader.name))
        assert Counter(came) == once + again
        assert (run.id, run.parameters["alpha"]) == ("2", 7)


class EachKindOfStepSpins(Behaviour):
    """A step runs again alone, and leaves what it had left; the run is as it was."""

    name = "spin"
    processes = True
    order = ("switch", "join", "split", "body", "end")

    def act(self, house: Household, door: Door) -> dict[str, Spun]:
        door.run(self.ask)
        kinds = self.kinds()
        steps = [kinds[kind].name for kind in self.order if kind in kinds][:3]
        return {step: door.spin(step) for step in steps}

    def check(self, run: Run, came: dict[str, Spun]) -> None:
        for step, spun in came.items():
            assert spun.status == "succeeded"
            assert spun.verdicts <= {"same"}, (step, spun.verdicts)
            assert spun.values is None or spun.values in [task.has for task in self.story.of(step)], (step, spun)
        assert run.id == "1"


def _resumes(kind: str) -> type[Any]:
    return type("Resumes", (ResumesAfterAFailure,), {"name": f"resume_after_{kind}", "kind": kind})


RESUMES = tuple(_resumes(kind) for kind in ("split", "body", "join", "switch", "gang", "end"))
