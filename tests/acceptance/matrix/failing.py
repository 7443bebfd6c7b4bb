"""Behaviours about failures that a run survives: retry, catch, timeout."""

from collections.abc import Sequence

from flagstone import Run
from flagstone.model.plan import Transition
from tests.acceptance.matrix.behaviour import Behaviour
from tests.acceptance.matrix.doors import Ask
from tests.acceptance.matrix.story import Played
from tests.strategies import Line


class Caught:
    """Equal to what @catch leaves of a ValueError with this text."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __eq__(self, other: object) -> bool:
        kind, text = getattr(other, "type", ""), getattr(other, "exception", "")
        return str(kind).endswith("ValueError") and self.text in str(text)

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"<caught: {self.text}>"


class EveryStepIsTriedAgain(Behaviour):
    """Every task fails once, whatever its step is, and leaves nothing of it behind."""

    name = "retry"

    def decorators(self, line: Line) -> Sequence[str]:
        return ["@retry(times=2, minutes_between_retries=0)"]

    def first(self, line: Line) -> Sequence[str]:
        wrong = ["    self.wrong = 'left behind'", "    raise RuntimeError('not yet')"]
        return ["if current.retry_count == 0:", *wrong]

    def then(self, line: Line) -> Sequence[str]:
        return ["self.tries = current.retry_count"]

    def effect(self, task: Played) -> None:
        task.has["tries"] = 1

    def check(self, run: Run, came: object) -> None:
        for step in run:
            for task in step:
                assert task.current_attempt == 1
                assert len(task.attempts) == 2


class EveryStepIsTriedAgainByRequest(EveryStepIsTriedAgain):
    """The same by `--with`, without a word in the file."""

    name = "with_retry"
    ask = Ask(decorators=("retry:times=2,minutes_between_retries=0",))

    def decorators(self, line: Line) -> Sequence[str]:
        return []


class WhatRaisesIsCaught(Behaviour):
    """Every step that may have @catch raises; what it had assigned is kept, and the flow goes on."""

    name = "catch"

    def _raises(self, line: Line) -> bool:
        return line.transition in (Transition.LINEAR, Transition.END)

    def decorators(self, line: Line) -> Sequence[str]:
        return ["@catch(var='why', print_exception=False)"] if self._raises(line) else []

    def then(self, line: Line) -> Sequence[str]:
        return ["raise ValueError(self.place)"] if self._raises(line) else []

    def effect(self, task: Played) -> None:
        if self._raises(task.line):
            task.has["why"] = Caught(task.place)


class WhatHangsIsEnded(Behaviour):
    """One step hangs at its first attempt and is tried again; the others have all the time in the world."""

    name = "timeout"

    @property
    def _hangs(self) -> Line:
        kinds = self.kinds()
        return kinds.get("body") or kinds.get("switch") or kinds["end"]

    def decorators(self, line: Line) -> Sequence[str]:
        if line != self._hangs:
            return ["@timeout(hours=1)"]
        return ["@retry(times=100, minutes_between_retries=0)", "@timeout(seconds=0.1)"]

    def first(self, line: Line) -> Sequence[str]:
        return ["while current.retry_count == 0:", "    time.sleep(0.01)"] if line == self._hangs else []

    def check(self, run: Run, came: object) -> None:
        for task in run[self._hangs.name]:
            assert task.current_attempt >= 1
            assert "TimeoutException" in str(task.attempts[0].exception)
