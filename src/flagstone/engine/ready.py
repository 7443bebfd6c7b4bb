"""Tasks that may start, step by step: single ones, elements of a foreach by a cursor, gangs whole, and new attempts."""

from collections import deque
from collections.abc import Sequence

from msgspec import Struct

from flagstone.engine.frames import Frame
from flagstone.model.plan import Step
from flagstone.model.resources import Resources
from flagstone.model.states import State

Parents = Sequence[int]


class Claim(Struct, frozen=True):
    """What a task of a step takes while it runs: of the machine, and of the places for processes.

    A claim is `loose` when the step does not say how many cores it needs: the tasks of a gang share them.
    """

    resources: Resources = Resources()
    places: float = 1.0
    loose: bool = True

    def fits(self, free: Resources, places: float) -> bool:
        """Whether there is room for it."""
        return self.places <= places + 1e-9 and self.resources.fits(free)

    def in_a_gang(self, width: int, capacity: Resources, places: float) -> "Claim":
        """What one of `width` tasks takes that run at the same time."""
        asked = self.resources
        cpu = min(asked.cpu, capacity.cpu / width) if self.loose else asked.cpu
        return Claim(Resources(cpu, asked.memory, asked.gpu), min(self.places, places / width), self.loose)

    def times(self, width: int) -> "Claim":
        """What `width` tasks take together."""
        one = self.resources
        whole = Resources(one.cpu * width, one.memory * width, one.gpu * width)
        return Claim(whole, self.places * width, self.loose)


class Task:
    """A task that was started and has not ended for good."""

    __slots__ = ("attempt", "claim", "frame", "number", "parents", "place", "state", "step")

    def __init__(self, number: int, step: Step, frame: Frame, place: int, parents: Parents) -> None:
        self.number = number
        self.step = step
        self.frame = frame
        self.place = place
        self.parents = parents
        self.attempt = 0
        self.claim = Claim()
        self.state = State.QUEUED


class Gang:
    """The tasks of one num_parallel: they start together, and none of them has arrived before all have succeeded."""

    __slots__ = ("again", "broken", "frame", "open", "tasks")

    def __init__(self, frame: Frame, tasks: Sequence[Task]) -> None:
        self.frame = frame
        self.tasks = tasks
        self.begin()

    def begin(self) -> None:
        """All of them are on their way (again)."""
        self.open = len(self.tasks)
        self.broken = False
        self.again = False


class Ready:
    """What of one step may start, and what a task of it takes."""

    __slots__ = ("again", "claim", "frames", "gangs", "passed_over", "single", "step")

    def __init__(self, step: Step, claim: Claim) -> None:
        self.step = step
        self.claim = claim
        self.again: deque[Task] = deque()
        self.single: deque[tuple[Frame, int, Parents]] = deque()
        self.frames: list[Frame] = []  # whose cursor has not reached their end
        self.gangs: deque[Frame | Gang] = deque()
        self.passed_over = 0

    def __bool__(self) -> bool:
        return bool(self.single or self.frames or self.again or self.gangs)

    def pop(self) -> Task | tuple[Frame, int, Parents]:
        """The next one: a task that is tried again, or the frame, place and parents of a new one."""
        if self.again:
            return self.again.popleft()
        if self.single:
            return self.single.popleft()
        frame = self.frames[-1]
        place = frame.cursor
        frame.cursor += 1
        if frame.cursor == frame.width:
            self.frames.pop()
        return frame, place, (frame.opener,)

    def next_gang(self) -> tuple[Frame, int] | None:
        """The frame of the gang that is next, and how many tasks it has; None when no gang is."""
        if not self.gangs:
            return None
        first = self.gangs[0]
        frame = first.frame if isinstance(first, Gang) else first
        return frame, frame.width
