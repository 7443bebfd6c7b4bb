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
        "items",
        "opener",
        "opener_step",
        "parent",
        "path",
        "place",
        "split",
    )

    def __init__(
        self,
        parent: "Frame | None" = None,
        place: int = 0,
        opener: int = 0,
        opener_step: str = "",
        branches: Sequence[str] = (),
        split: Split | None = None,
    ) -> None:
        self.parent = parent
        self.place = place  # this frame's place in its parent
        self.opener = opener  # the number of the task that split
        self.opener_step = opener_step
        self.branches = branches  # a static split's targets; a foreach has one
        self.split = split  # None for a static split
        self.cursor = 0  # the next place to start
        self.arrived = 0
        self.arrivals = array("q", bytes(8 * self.width))
        outer = parent.at(place) if parent is not None else ((), ())
        self.path: tuple[int, ...] = outer[0]
        self.items: tuple[Item, ...] = outer[1]

    @property
    def width(self) -> int:
        """How many tasks must arrive."""
        return len(self.branches) if self.split is None else self.split.count

    def target(self, place: int) -> str:
        """The step that the task at `place` begins with."""
        return self.branches[place] if self.split is None else self.branches[0]

    def at(self, place: int) -> tuple[tuple[int, ...], tuple[Item, ...]]:
        """The foreach indexes and elements of a task at `place`."""
        if self.split is None:
            return self.path, self.items
        return (*self.path, place), (*self.items, self.split.item(place))

    def arrive(self, place: int, number: int) -> bool:
        """Task `number` reached the join; True when it was the last."""
        self.arrivals[place] = number
        self.arrived += 1
        return self.arrived == self.width
