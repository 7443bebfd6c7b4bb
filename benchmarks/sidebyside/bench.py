"""What every group measures with: the two systems, and how often."""

import sys
import time
from collections.abc import Callable

from sidebyside.systems import System

TIMES = 5

Both = tuple[tuple[float, ...], tuple[float, ...]]


class Bench:
    """`theirs` is None when Metaflow is left out. A quick benchmark repeats less and says so in its table."""

    def __init__(self, ours: System, theirs: System | None, *, quick: bool = False) -> None:
        self.ours = ours
        self.theirs = theirs
        self.quick = quick

    def times(self, times: int = TIMES) -> int:
        """How often a measure is repeated."""
        return min(times, 2) if self.quick else times

    def both(self, measure: Callable[[System], float], *, theirs: int = TIMES, warm: bool = True) -> Both:
        """What `measure` gives for each system, in turns, so that a disturbance hits both; Metaflow `theirs` times.

        With `warm`, each system is measured once for nothing first: bytecode and files are in their caches then.
        """
        if warm:
            measure(self.ours)
            if self.theirs is not None:
                measure(self.theirs)
        ours: list[float] = []
        other: list[float] = []
        for turn in range(self.times()):
            ours.append(measure(self.ours))
            if self.theirs is not None and turn < self.times(theirs):
                other.append(measure(self.theirs))
        return tuple(ours), tuple(other)

    def repeat(self, measure: Callable[[], float], times: int = TIMES) -> tuple[float, ...]:
        """What `measure` gives, several times."""
        return tuple(measure() for _ in range(self.times(times)))


def say(text: str) -> None:
    """One line about what is being done, with the time."""
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)
