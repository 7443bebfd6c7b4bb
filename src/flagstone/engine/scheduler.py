"""Which task starts next: a pure object, events in, commands out. It never sleeps, spawns, prints or queries.

The rules, each in a sentence (`docs/explanation/how-a-run-works.md` has the picture):

R1  A step starts when the task before it succeeded; a join starts when every task of its split has arrived.
R2  The inputs of a join are in the order of `self.next`, or of the foreach.
R3  A foreach over nothing goes straight to its join, which has no inputs.
R4  After a failure nothing new starts; with keep-going, only what depends on the failed task does not.
R5  Tasks that run together never claim more than the machine has, and a task that was passed over often goes first.
R6  What is further down the graph starts first, so that memory grows with what runs, not with what is left.
R7  A run succeeds when its end succeeded; otherwise, when nothing runs any more, it is cancelled or failed.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from enum import Enum

from msgspec import Struct

from flagstone.engine.frames import Frame
from flagstone.model.artifacts import Item, Split
from flagstone.model.errors import InternalError
from flagstone.model.plan import Plan, Step, Transition
from flagstone.model.resources import Resources
from flagstone.model.states import State, move

PATIENCE = 64  # how often a ready task may be passed over for want of resources before others have to wait for it


class StartTask(Struct, frozen=True):
    """Command: start (or clone) a task. `parents` are in the order that a join's inputs have."""

    number: int
    step: str
    path: tuple[int, ...]
    items: tuple[Item, ...]
    parents: Sequence[int]


class Claim(Struct, frozen=True):
    """What a task of a step takes while it runs: of the machine, and of the places for processes."""

    resources: Resources = Resources()
    places: float = 1.0

    def fits(self, free: Resources, places: float) -> bool:
        """Whether there is room for it."""
        return self.places <= places + 1e-9 and self.resources.fits(free)


class Task:
    """A task that was started and has not ended."""

    __slots__ = ("claim", "frame", "place", "state", "step")

    def __init__(self, step: Step, claim: Claim, frame: Frame, place: int) -> None:
        self.step = step
        self.claim = claim
        self.frame = frame
        self.place = place
        self.state = State.QUEUED


class Ready:
    """Tasks of one step that may start: single ones, and frames whose cursor has not reached their end."""

    __slots__ = ("claim", "frames", "passed_over", "single", "step")

    def __init__(self, step: Step, claim: Claim) -> None:
        self.step = step
        self.claim = claim
        self.single: deque[tuple[Frame, int, Sequence[int]]] = deque()
        self.frames: list[Frame] = []
        self.passed_over = 0

    def __bool__(self) -> bool:
        return bool(self.single or self.frames)

    def pop(self) -> tuple[Frame, int, Sequence[int]]:
        """The next task: its frame, its place there, its parents."""
        if self.single:
            return self.single.popleft()
        frame = self.frames[-1]
        place = frame.cursor
        frame.cursor += 1
        if frame.cursor == frame.width:
            self.frames.pop()
        return frame, place, (frame.opener,)


class Mode(Enum):
    """What the scheduler still starts."""

    ALL = "all"
    NOTHING = "nothing"


class Scheduler:
    """The state of one run: `capacity` and `places` are what there is, `claims` what a task of each step takes."""

    def __init__(
        self,
        plan: Plan,
        capacity: Resources,
        *,
        places: float,
        claims: Mapping[str, Claim] | None = None,
        keep_going: bool = False,
    ) -> None:
        self.free = capacity
        self.places = places
        self.failed = 0
        self.cancelled = False
        self.expected: dict[str, int] = {}  # tasks that came into view since the last `take_expected`
        self.running: dict[int, Task] = {}
        self._keep_going = keep_going
        self._mode = Mode.ALL
        self._numbers = 0
        self._state = State.RUNNING
        self._steps = {step.name: step for step in plan.steps}
        claims = claims or {}
        self._ready = {  # R6: the last steps first
            step.name: Ready(step, claims.get(step.name, Claim(step.resources))) for step in reversed(plan.steps)
        }
        self._bodies = bodies(plan)
        root = Frame(branches=(plan.start,))
        self._end = plan.end
        self._expect("", 1)
        self._queue(root, 0, plan.start, ())

    # --- commands out ----------------------------------------------------------------------------------------

    @property
    def state(self) -> State:
        """The state of the run."""
        return self._state

    def start(self) -> list[StartTask]:
        """Start as many tasks as fit (R5, R6)."""
        commands: list[StartTask] = []
        while self._mode is Mode.ALL:
            ready = self._choose()
            if ready is None:
                break
            commands.append(self._start(ready))
        return commands

    def reclaim(self, claims: Mapping[str, Claim]) -> None:
        """From now on a task of these steps takes this much; those that run keep what they took."""
        for step, claim in claims.items():
            self._ready[step].claim = claim

    def take_expected(self) -> dict[str, int]:
        """How many more tasks of which step came into view since the last call."""
        taken, self.expected = self.expected, {}
        return taken

    def _choose(self) -> Ready | None:
        chosen: Ready | None = None
        waiting: list[Ready] = []
        for ready in self._ready.values():
            if not ready:
                continue
            if not ready.claim.fits(self.free, self.places):
                waiting.append(ready)
            elif chosen is None:
                chosen = ready
        if chosen is not None:
            for ready in waiting:
                ready.passed_over += 1
                if ready.passed_over > PATIENCE:
                    return None
        return chosen

    def _start(self, ready: Ready) -> StartTask:
        frame, place, parents = ready.pop()
        ready.passed_over = 0
        self._numbers += 1
        task = Task(ready.step, ready.claim, frame, place)
        task.state = move(task.state, State.RUNNING)
        self.running[self._numbers] = task
        self.free = self.free.minus(ready.claim.resources)
        self.places -= ready.claim.places
        path, items = frame.at(place)
        return StartTask(self._numbers, ready.step.name, path, items, parents)

    # --- events in -------------------------------------------------------------------------------------------

    def succeeded(self, number: int, targets: Sequence[str], split: Split | None) -> None:
        """A task ended well and chose where to go."""
        task = self._leave(number, State.SUCCEEDED)
        step = task.step
        if step.transition is Transition.END:
            self._state = move(self._state, State.SUCCEEDED)
            return
        if tuple(targets) != step.next:
            raise InternalError(message=f"step {step.name!r} went to {targets}, its plan says {step.next}")
        if split is not None:
            self._open(Frame(task.frame, task.place, number, step.name, step.next, split), step.name)
        elif step.transition is Transition.SPLIT:
            self._open(Frame(task.frame, task.place, number, step.name, step.next), step.name)
        elif self._steps[step.next[0]].joins:
            if task.frame.arrive(task.place, number):
                self._close(task.frame, step.next[0])
        else:
            self._queue(task.frame, task.place, step.next[0], (number,))
        self._settle()

    def ended_badly(self, number: int, state: State) -> None:
        """A task failed, was cancelled or got lost (R4)."""
        self._leave(number, state)
        self.failed += state is not State.CANCELLED
        if not self._keep_going:
            self._mode = Mode.NOTHING
        self._settle()

    def cancel(self) -> None:
        """Someone stopped the run: nothing new starts."""
        self.cancelled = True
        self._mode = Mode.NOTHING
        self._settle()

    # --- the state -------------------------------------------------------------------------------------------

    def _leave(self, number: int, state: State) -> Task:
        task = self.running.pop(number)
        task.state = move(task.state, state)
        self.free = self.free.plus(task.claim.resources)
        self.places += task.claim.places
        return task

    def _queue(self, frame: Frame, place: int, step: str, parents: Sequence[int]) -> None:
        self._ready[step].single.append((frame, place, parents))

    def _open(self, frame: Frame, opener: str) -> None:
        if frame.width == 0:  # R3
            self._expect(opener, 0)
            self._close(frame, self._join_of(opener))
            return
        self._expect(opener, frame.width if frame.split is not None else 1)
        if frame.split is not None:
            self._ready[frame.branches[0]].frames.append(frame)
            return
        for place, step in enumerate(frame.branches):
            self._queue(frame, place, step, (frame.opener,))

    def _close(self, frame: Frame, join: str) -> None:
        if frame.parent is None:
            raise InternalError(message=f"join {join!r} closes the run itself")
        self._queue(frame.parent, frame.place, join, frame.arrivals)

    def _join_of(self, opener: str) -> str:
        return self._bodies[opener].join

    def _expect(self, opener: str, times: int) -> None:
        for step in self._bodies[opener].steps:
            self.expected[step] = self.expected.get(step, 0) + times

    def _settle(self) -> None:
        if self.running or self._state.finished:
            return
        if self._mode is Mode.ALL and any(self._ready.values()):
            return
        self._state = move(self._state, State.CANCELLED if self.cancelled and not self.failed else State.FAILED)


class Body(Struct, frozen=True):
    """What lies directly between a split and its join, without what lies inside further splits; and the join."""

    steps: tuple[str, ...]
    join: str


def bodies(plan: Plan) -> dict[str, Body]:
    """For each splitting step, and for the run itself under "", its body."""
    opener_of = {plan.start: ""}
    joins = {split: join for join, split in plan.matching_split.items()}
    for step in plan.steps:
        inside = step.name if step.splits else opener_of[step.name]
        for target in step.next:
            if plan.step(target).joins:
                opener_of[target] = opener_of[plan.matching_split[target]]
            else:
                opener_of.setdefault(target, inside)
    return {
        opener: Body(tuple(s.name for s in plan.steps if opener_of[s.name] == opener), joins.get(opener, ""))
        for opener in ("", *(s.name for s in plan.steps if s.splits))
    }
