"""What the metadata store gives back: runs and tasks as they are recorded, and the questions one can ask."""

from msgspec import Struct

from flagstone.model.artifacts import Split
from flagstone.model.ids import RunId, TaskId
from flagstone.model.jobs import Failure, LogSpan, Usage
from flagstone.model.states import State

SPUN = "runtime:spin"  # the system tag of a run of one step: it is no latest run, and nothing resumes from it


class NewRun(Struct, frozen=True, kw_only=True):
    """What is needed to open a run; the store allots its number."""

    flow: str
    user: str
    created: float
    namespace: str
    tags: tuple[str, ...]
    system_tags: tuple[str, ...]
    parameters: dict[str, str]  # JSON text
    plan: bytes  # msgpack of the Plan
    constants: bytes  # encoded Manifest of parameters and constants
    origin: RunId | None = None


class RunRecord(Struct, frozen=True, kw_only=True):
    """A run as recorded. `state` is LOST when the row says running and nobody holds its lock."""

    id: RunId
    state: State
    user: str
    created: float
    finished: float | None
    namespace: str
    tags: tuple[str, ...]
    system_tags: tuple[str, ...]
    parameters: dict[str, str]
    plan_digest: bytes
    constants: bytes
    origin: RunId | None
    reason: str = ""


class TaskRecord(Struct, frozen=True, kw_only=True):
    """An attempt at a task as recorded: the newest, unless another was asked for.

    `manifest` is empty when it was not asked for or lies in the blob store.
    """

    id: TaskId
    attempt: int
    path: tuple[int, ...]
    state: State
    started: float
    finished: float | None
    manifest_digest: bytes
    manifest: bytes
    targets: tuple[str, ...]
    split: Split | None
    label: str
    reads: tuple[str, ...]
    failure: Failure | None
    log: LogSpan | None
    stamps: bytes
    usage: Usage
    origin: RunId | None
    origin_number: int = 0
    pid: int = 0
    laps: tuple[int, ...] = ()  # how often each level around the task went back in a loop; without zeros at the end


class RunQuery(Struct, frozen=True, kw_only=True):
    """Which runs: every condition that is given must hold; newest first."""

    flow: str | None = None
    states: tuple[State, ...] = ()
    tags: tuple[str, ...] = ()  # user and system tags alike; all of them
    without: tuple[str, ...] = ()  # none of these
    parameters: dict[str, str] = {}  # JSON text, compared by value
    created_after: float | None = None
    created_before: float | None = None
    user: str | None = None
    namespace: str | None = None  # recorded with it, or with a tag of that name; None: whatever the namespace
    limit: int | None = None
    offset: int = 0


class TaskQuery(Struct, frozen=True, kw_only=True):
    """Which tasks of a run: every condition that is given must hold; in the order of their numbers."""

    step: str | None = None
    numbers: tuple[int, ...] | None = None
    states: tuple[State, ...] = ()
    path: tuple[int, ...] | None = None  # exactly this path
    below: tuple[int, ...] | None = None  # exactly one index more than this path
    newest_first: bool = False
    limit: int | None = None
    offset: int = 0
    with_manifests: bool = False
    attempt: int | None = None  # of each task this attempt, where it has one; None: the newest
    every_attempt: bool = False  # all attempts of each task; newest_first turns their order around as well

    @property
    def newest_attempts(self) -> bool:
        """Whether each task is seen as its newest attempt."""
        return self.attempt is None and not self.every_attempt
