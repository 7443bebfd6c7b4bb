"""What happened in a run, as frozen facts: the engine emits them, observers record, show and forward them."""

from msgspec import Struct

from flagstone.model.artifacts import Split
from flagstone.model.ids import RunId
from flagstone.model.jobs import Failure, LogSpan, Usage
from flagstone.model.plan import Plan
from flagstone.model.states import State


class Event(Struct, frozen=True, tag=True, tag_field="event", kw_only=True):
    """Base of all events."""

    time: float  # seconds since the epoch


class RunStarted(Event, frozen=True, kw_only=True):
    """A run began; its row exists and its lock is held."""

    run: RunId
    plan: Plan
    parameters: dict[str, str]  # the values as JSON text
    tags: tuple[str, ...]
    user: str
    origin: RunId | None
    workers: int
    isolation: str


class TasksExpected(Event, frozen=True, kw_only=True):
    """`count` more tasks of `step` will run (or be cloned) unless something fails."""

    step: str
    count: int


class TaskStarted(Event, frozen=True, kw_only=True):
    """An attempt's process began."""

    step: str
    number: int
    attempt: int
    path: tuple[int, ...]
    pid: int
    log: LogSpan | None
    laps: tuple[int, ...] = ()  # how often each level around the task went back in a loop; without zeros at the end


class TaskOutput(Event, frozen=True, kw_only=True):
    """An attempt printed something; whole lines, except for a long line without an end."""

    step: str
    number: int
    stream: str  # "stdout" or "stderr"
    data: bytes


class TaskEnded(Event, frozen=True, kw_only=True):
    """An attempt is over, or a task was cloned from another run (then `origin` names that task's run)."""

    step: str
    number: int
    attempt: int
    path: tuple[int, ...]
    state: State
    started: float
    manifest: bytes  # encoded Manifest; empty when `manifest_digest` names a blob
    manifest_digest: bytes
    targets: tuple[str, ...]
    split: Split | None
    label: str
    reads: tuple[str, ...]
    failure: Failure | None
    log: LogSpan | None
    stamps: bytes  # when which part of the log was written: see `model.logs`
    usage: Usage
    origin: RunId | None = None
    origin_number: int = 0
    will_retry: bool = False
    laps: tuple[int, ...] = ()


class RunEnded(Event, frozen=True, kw_only=True):
    """The run is over."""

    run: RunId
    state: State
    reason: str = ""


class Notice(Event, frozen=True, kw_only=True):
    """Something people should know: one line, and its weight ("info" or "warning")."""

    text: str
    level: str = "info"


class PromptOpened(Event, frozen=True, kw_only=True):
    """A task has the terminal: a person talks with its debugger, and displays stay away from it."""

    step: str
    number: int


class PromptClosed(Event, frozen=True, kw_only=True):
    """The task gave the terminal back; `seconds` is how long it waited for it and had it, and did nothing else."""

    step: str
    number: int
    seconds: float


AnyEvent = (
    RunStarted | TasksExpected | TaskStarted | TaskOutput | TaskEnded | RunEnded | Notice | PromptOpened | PromptClosed
)
