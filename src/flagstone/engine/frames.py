"""An open split: which of its tasks are on their way, and which have arrived at its join; the scheduler's state."""

from array import array
from collections.abc import Sequence

from flagstone.model.artifacts import Item, Split


class Frame:
    """One split that waits for its join; the run itself is the outermost frame, with one place and no join.

    A foreach of a million elements is one frame: tasks come into being one by one, by its cursor, and of those that
    arrived only the number is kept.
    """

    __slots__ = (
        "arrivals",
        "arrived",
        "branches",
        "cursor",
        "gang",
        "items",
        "laps",
        "opener",
        "parent",
        "path",
        "place",
        "split",
        "turns",
    )

    def __init__(
        self,
        parent: "Frame | None" = None,
        place: int = 0,
        opener: int = 0,
        branches: Sequence[str] = (),
        split: Split | None = None,
        *,
        gang: bool = False,
    ) -> None:
        self.parent = parent
        self.place = place  # this frame's place in its parent
        self.opener = opener  # the number of the task that split
        self.branches = branches  # a static split's targets; a foreach has one
        self.split = split  # None for a static split
        self.gang = gang  # whether all of its tasks run at the same time
        self.cursor = 0  # the next place to start
        self.arrived = 0
        self.arrivals = array("q", bytes(8 * self.width))
        outer = parent.at(place) if parent is not None else ((), ())
        self.path: tuple[int, ...] = outer[0]
        self.items: tuple[Item, ...] = outer[1]
        self.turns: dict[int, int] = {}  # how often the task at a place went back in a loop, where it did
        self.laps: tuple[int, ...] = parent.laps_at(place) if parent is not None else ()

    @property
    def width(self) -> int:
        """How many tasks must arrive."""
        return len(self.branches) if self.split is None else self.split.count

    def at(self, place: int) -> tuple[tuple[int, ...], tuple[Item, ...]]:
        """The foreach indexes and elements of a task at `place`."""
        if self.split is None:
            return self.path, self.items
        return (*self.path, place), (*self.items, self.split.item(place))

    def turn(self, place: int) -> None:
        """What runs at `place` goes back to an earlier step."""
        self.turns[place] = self.turns.get(place, 0) + 1

    def laps_at(self, place: int) -> tuple[int, ...]:
        """How often each level around `place` has gone back, the outermost first, and `place` itself."""
        return (*self.laps, self.turns.get(place, 0))

    def arrive(self, place: int, number: int) -> bool:
        """Task `number` reached the join; True when it was the last."""
        self.arrivals[place] = number
        self.arrived += 1
        return self.arrived == self.width
