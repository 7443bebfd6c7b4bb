"""Recorded events to feed observers with: one builder a kind, with the times and names that the tests expect."""

from flagstone.model.artifacts import EMPTY_MANIFEST, Split
from flagstone.model.errors import Location
from flagstone.model.events import AnyEvent, RunEnded, RunStarted, TaskEnded, TaskOutput, TasksExpected, TaskStarted
from flagstone.model.ids import RunId
from flagstone.model.jobs import Failure, LogSpan, Usage
from flagstone.model.plan import Plan, Step, Transition
from flagstone.model.states import State

RUN = RunId("EachFlow", 3)
T0 = 1_800_000_000.0

FAILURE = Failure(
    type="builtins.ValueError",
    message="item five is bad",
    traceback='Traceback (most recent call last):\n  File "flow.py", line 9, in work\n    raise ValueError\n'
    "ValueError: item five is bad\n",
)


def plan() -> Plan:
    """start, a foreach over work, join."""
    where = Location("flow.py", 1)
    return Plan(
        flow="EachFlow",
        file="/flows/flow.py",
        start="start",
        end="join",
        steps=(
            Step("start", Transition.FOREACH, ("work",), joins=False, where=where, foreach="items"),
            Step("work", Transition.LINEAR, ("join",), joins=False, where=where),
            Step("join", Transition.END, (), joins=True, where=where),
        ),
        matching_split={"join": "start"},
    )


def run_started(origin: RunId | None = None) -> RunStarted:
    """The run began at T0."""
    return RunStarted(
        time=T0,
        run=RUN,
        plan=plan(),
        parameters={"n": "3"},
        tags=("mine",),
        user="ann",
        origin=origin,
        workers=2,
        isolation="fork",
    )


def expected(step: str, count: int) -> TasksExpected:
    """More tasks of a step are to come."""
    return TasksExpected(time=T0, step=step, count=count)


def started(step: str, number: int, after: float = 0.0) -> TaskStarted:
    """A task began, `after` seconds after the run."""
    return TaskStarted(time=T0 + after, step=step, number=number, attempt=0, path=(), pid=7, log=None)


def ended(
    step: str,
    number: int,
    state: State = State.SUCCEEDED,
    *,
    after: float = 1.0,
    failure: Failure | None = None,
    origin: RunId | None = None,
    will_retry: bool = False,
) -> TaskEnded:
    """A task that began with the run is over, `after` seconds later."""
    return TaskEnded(
        time=T0 + after,
        step=step,
        number=number,
        attempt=0,
        path=(),
        state=state,
        started=T0,
        manifest=EMPTY_MANIFEST,
        manifest_digest=b"\x01" * 32,
        targets=(),
        split=Split("items", 3, 128, (0, 9), body=b"\x00" * 9) if step == "start" else None,
        label="'five'" if failure else "",
        reads=(),
        failure=failure,
        log=LogSpan("1.out", "1.err", 0, 0, 5, 0),
        stamps=b"\x00" * 24,
        usage=Usage(0.25, 1024),
        origin=origin,
        origin_number=number if origin else 0,
        will_retry=will_retry,
    )


def output(step: str, number: int, data: bytes, stream: str = "stdout") -> TaskOutput:
    """A task printed something."""
    return TaskOutput(time=T0, step=step, number=number, stream=stream, data=data)


def run_ended(state: State = State.SUCCEEDED, after: float = 1.2, reason: str = "") -> RunEnded:
    """The run is over."""
    return RunEnded(time=T0 + after, run=RUN, state=state, reason=reason)


def small_run() -> list[AnyEvent]:
    """A run of three tasks that succeeds."""
    return [
        run_started(),
        expected("start", 1),
        started("start", 1),
        ended("start", 1, after=0.1),
        expected("work", 1),
        started("work", 2, 0.1),
        output("work", 2, b"hello\nworld\n"),
        ended("work", 2, after=0.5),
        expected("join", 1),
        started("join", 3, 0.5),
        ended("join", 3, after=1.1),
        run_ended(),
    ]
