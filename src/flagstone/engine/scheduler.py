"""Which task starts next: a pure object, events in, commands out. It never sleeps, spawns, prints or queries.

The rules, each in a sentence (`docs/explanation/how-a-run-works.md` has the picture):

R1  A step starts when the task before it succeeded; a join starts when every task of its split has arrived.
R2  The inputs of a join are in the order of `self.next`, or of the foreach.
R3  A foreach over nothing goes straight to its join, which has no inputs.
R4  After a failure nothing new starts; with keep-going, only what depends on the failed task does not.
R5  Tasks that run together never claim more than the machine has, and a task that was passed over often goes first.
R6  What is further down the graph starts first, so that memory grows with what runs, not with what is left.
R7  A run succeeds when its end succeeded; otherwise, when nothing runs any more, it is cancelled or failed.
R8  A switch goes on with the one step that it chose; an earlier step then runs again, one lap later, as a new task.
R9  The tasks of a gang start together or not at all; when one ends badly the others are stopped: the gang failed.
R10 A task that is tried again keeps its number and its place; a gang is tried again as a whole, when all of it is over.
"""

from collections.abc import Mapping, Sequence
from enum import Enum

from msgspec import Struct

from flagstone.engine.chains import chains
from flagstone.engine.frames import Frame
from flagstone.engine.ready import Claim, Gang, Parents, Ready, Task
from flagstone.model.artifacts import Item, Split
from flagstone.model.errors import InternalError
from flagstone.model.lineage import without_zeros
from flagstone.model.plan import Plan, Step, Transition
from flagstone.model.resources import Resources
from flagstone.model.states import State, move

PATIENCE = 64  # how often a ready task may be passed over for want of resources before others have to wait for it


class StartTask(Struct, frozen=True):
    """Command: start (or clone) a task. `parents` are in the order that a join's inputs have.

    `laps` tell how often each level around the task has gone back in a loop; without the zeros at its end.
    """

    number: int
    step: str
    path: tuple[int, ...]
    items: tuple[Item, ...]
    parents: Sequence[int]
    attempt: int = 0
    laps: tuple[int, ...] = ()


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
        self.free = self._capacity = capacity
        self.places = self._all_places = places
        self.failed = 0
        self.cancelled = False
        self.expected: dict[str, int] = {}  # tasks that came into view since the last `take_expected`
        self.running: dict[int, Task] = {}
        self._aside: dict[int, Task] = {}  # to be tried again, some time
        self._news_aside: list[int] = []
        self._gangs: dict[int, Gang] = {}  # by the number of each of their tasks
        self._keep_going = keep_going
        self._mode = Mode.ALL
        self._numbers = 0
        self._state = State.RUNNING
        self._steps = {step.name: step for step in plan.steps}
        self._order = {step.name: place for place, step in enumerate(plan.steps)}
        self._loops = plan.loops
        claims = claims or {}
        self._ready = {  # R6: the last steps first
            step.name: Ready(step, claims.get(step.name, Claim(step.resources))) for step in reversed(plan.steps)
        }
        self._chains = chains(plan)
        self._join_of = {split: join for join, split in plan.matching_split.items()}
        root = Frame(branches=(plan.start,))
        self._end = plan.end
        self._expect(plan.start, 1)
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
            commands += self._start_gang(ready) if ready.gangs else [self._start_next(ready)]
        return commands

    def reclaim(self, claims: Mapping[str, Claim]) -> None:
        """From now on a task of these steps takes this much; those that run keep what they took."""
        for step, claim in claims.items():
            self._ready[step].claim = claim

    def take_expected(self) -> dict[str, int]:
        """How many more tasks of which step came into view since the last call."""
        taken, self.expected = self.expected, {}
        return taken

    def take_aside(self) -> list[int]:
        """The tasks that wait to be tried again since the last call; a gang's are there all at once (R10)."""
        taken, self._news_aside = self._news_aside, []
        return taken

    def impossible_gang(self, step: str, width: int) -> tuple[str, str] | None:
        """What `width` tasks of `step` can never have at the same time, as (asked, have); None when they can."""
        claim = self._ready[step].claim.in_a_gang(width, self._capacity, self._all_places)
        return claim.times(width).resources.lacking(self._capacity)

    def step_of(self, number: int) -> str:
        """The step of a task that runs or was put aside."""
        return (self.running.get(number) or self._aside[number]).step.name

    def step_called(self, name: str) -> Step:
        """A step of the plan."""
        return self._steps[name]

    def comrades(self, number: int) -> list[int]:
        """The other tasks of a task's gang that still run."""
        gang = self._gangs.get(number)
        return [] if gang is None else [t.number for t in gang.tasks if t.number != number and t.number in self.running]

    def _choose(self) -> Ready | None:
        chosen: Ready | None = None
        waiting: list[Ready] = []
        for ready in self._ready.values():
            if not ready:
                continue
            if not self._whole_claim(ready).fits(self.free, self.places):
                waiting.append(ready)
            elif chosen is None:
                chosen = ready
        if chosen is not None:
            for ready in waiting:
                ready.passed_over += 1
                if ready.passed_over > PATIENCE:
                    return None
        return chosen

    def _whole_claim(self, ready: Ready) -> Claim:
        """What must be free for the next of a step to start: for a gang the claims of all its tasks (R9)."""
        gang = ready.next_gang()
        if gang is None:
            return ready.claim
        return ready.claim.in_a_gang(gang[1], self._capacity, self._all_places).times(gang[1])

    def _start_next(self, ready: Ready) -> StartTask:
        found = ready.pop()
        task = found if isinstance(found, Task) else self._new_task(ready.step, *found)
        return self._start(ready, task, ready.claim)

    def _start_gang(self, ready: Ready) -> list[StartTask]:
        found = ready.gangs.popleft()
        if isinstance(found, Gang):
            gang = found
            gang.begin()
        else:
            parents = (found.opener,)
            gang = Gang(found, [self._new_task(ready.step, found, place, parents) for place in range(found.width)])
            self._gangs.update((task.number, gang) for task in gang.tasks)
        claim = ready.claim.in_a_gang(len(gang.tasks), self._capacity, self._all_places)
        return [self._start(ready, task, claim) for task in gang.tasks]

    def _new_task(self, step: Step, frame: Frame, place: int, parents: Parents) -> Task:
        self._numbers += 1
        return Task(self._numbers, step, frame, place, parents)

    def _start(self, ready: Ready, task: Task, claim: Claim) -> StartTask:
        ready.passed_over = 0
        task.state = move(task.state, State.RUNNING)
        task.claim = claim
        self.running[task.number] = task
        self.free = self.free.minus(claim.resources)
        self.places -= claim.places
        path, items = task.frame.at(task.place)
        laps = without_zeros(task.frame.laps_at(task.place)) if self._loops else ()
        return StartTask(task.number, task.step.name, path, items, task.parents, task.attempt, laps)

    # --- events in -------------------------------------------------------------------------------------------

    def succeeded(self, number: int, targets: Sequence[str], split: Split | None) -> None:
        """A task ended well and chose where to go."""
        task = self._leave(number)
        gang = self._gangs.get(number)
        if gang is not None:
            self._over_in(gang)
        else:
            self._go_on(task, targets, split)
        self._settle()

    def ended_badly(self, number: int, state: State, *, again: bool = False) -> bool:
        """A task failed, was cancelled or got lost (R4); with `again` it is put aside, to be tried again (R10).

        Returns whether it is, unless the run is over before: nothing begins again once another task has failed, and of
        a gang all do or none.
        """
        task = self._leave(number)
        gang = self._gangs.get(number)
        if gang is not None:
            gang.again = again if not gang.broken else gang.again
            gang.broken = True
            again = gang.again
        again = again and self._mode is Mode.ALL
        if gang is not None:
            self._over_in(gang)
        elif again:
            self._put_aside([task])
        else:
            self._fail([task], state)
        self._settle()
        return again

    def try_again(self, numbers: Sequence[int]) -> None:
        """The time has come for tasks that were put aside together."""
        tasks = [self._aside.pop(number) for number in numbers if number in self._aside]
        for task in tasks:
            gang = self._gangs.get(task.number)
            if gang is None:
                self._ready[task.step.name].again.append(task)
            elif task is gang.tasks[0]:
                self._ready[task.step.name].gangs.append(gang)
        self._settle()

    def cancel(self) -> None:
        """Someone stopped the run: nothing new starts."""
        self.cancelled = True
        self._mode = Mode.NOTHING
        self._settle()

    # --- the state -------------------------------------------------------------------------------------------

    def _leave(self, number: int) -> Task:
        task = self.running.pop(number)
        self.free = self.free.plus(task.claim.resources)
        self.places += task.claim.places
        return task

    def _go_on(self, task: Task, targets: Sequence[str], split: Split | None) -> None:
        task.state = move(task.state, State.SUCCEEDED)
        step = task.step
        if step.transition is Transition.END:
            self._state = move(self._state, State.SUCCEEDED)
            return
        chosen = step.transition is Transition.SWITCH and len(targets) == 1 and targets[0] in step.next
        if tuple(targets) != step.next and not chosen:
            raise InternalError(message=f"step {step.name!r} went to {targets}, its plan says {step.next}")
        if split is not None:
            gang = step.transition is Transition.PARALLEL
            self._open(Frame(task.frame, task.place, task.number, step.next, split, gang=gang), step.name)
        elif step.transition is Transition.SPLIT:
            self._open(Frame(task.frame, task.place, task.number, step.next), step.name)
        elif self._steps[targets[0]].joins:
            if task.frame.arrive(task.place, task.number):
                self._close(task.frame, targets[0])
        else:
            if chosen:
                self._choose_case(task, targets[0])
            self._queue(task.frame, task.place, targets[0], (task.number,))

    def _choose_case(self, task: Task, target: str) -> None:
        """R8."""
        if self._order[target] <= self._order[task.step.name]:
            task.frame.turn(task.place)
        self._expect(target, 1)

    def _over_in(self, gang: Gang) -> None:
        """A task of a gang is over; when it was the last, the gang arrives, fails, or is put aside (R9, R10)."""
        gang.open -= 1
        if gang.open:
            return
        if not gang.broken:
            for task in gang.tasks:
                del self._gangs[task.number]
                self._go_on(task, task.step.next, None)
        elif gang.again and self._mode is Mode.ALL:
            self._put_aside(gang.tasks)
        else:
            self._fail(gang.tasks, State.CANCELLED if self.cancelled else State.FAILED)

    def _put_aside(self, tasks: Sequence[Task]) -> None:
        for task in tasks:
            task.state = move(task.state, State.QUEUED)
            task.attempt += 1
            self._aside[task.number] = task
        self._news_aside += [task.number for task in tasks]

    def _fail(self, tasks: Sequence[Task], state: State) -> None:
        for task in tasks:
            task.state = move(task.state, state)
        self.failed += state is not State.CANCELLED
        if not self._keep_going:
            self._mode = Mode.NOTHING

    def _queue(self, frame: Frame, place: int, step: str, parents: Parents) -> None:
        self._ready[step].single.append((frame, place, parents))

    def _open(self, frame: Frame, opener: str) -> None:
        for branch in frame.branches:
            self._expect(branch, frame.width if frame.split is not None else 1)
        if frame.width == 0:  # R3
            self._close(frame, self._join_of[opener])
        elif frame.gang:
            self._ready[frame.branches[0]].gangs.append(frame)
        elif frame.split is not None:
            self._ready[frame.branches[0]].frames.append(frame)
        else:
            for place, step in enumerate(frame.branches):
                self._queue(frame, place, step, (frame.opener,))

    def _close(self, frame: Frame, join: str) -> None:
        if frame.parent is None:
            raise InternalError(message=f"join {join!r} closes the run itself")
        self._queue(frame.parent, frame.place, join, frame.arrivals)

    def _expect(self, step: str, times: int) -> None:
        for name in self._chains[step]:
            self.expected[name] = self.expected.get(name, 0) + times

    def _settle(self) -> None:
        if self.running or self._state.finished:
            return
        if self._mode is Mode.ALL and (self._aside or any(self._ready.values())):
            return
        self._state = move(self._state, State.CANCELLED if self.cancelled and not self.failed else State.FAILED)
