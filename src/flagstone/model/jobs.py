"""What a compute back end is given (a context once a run, a job an attempt) and what it gives back."""

import msgspec
from msgspec import Raw, Struct

from flagstone.model.artifacts import EMPTY_MANIFEST, BlobRef, Item, Split
from flagstone.model.ids import RunId
from flagstone.model.plan import Plan
from flagstone.model.projects import Branch
from flagstone.model.resources import Resources
from flagstone.model.stores import StorePlace


class RunContext(Struct, frozen=True):
    """What every task of a run knows."""

    run: RunId
    plan: Plan
    user: str
    namespace: str
    tags: tuple[str, ...]
    constants: bytes  # manifest of the parameters and the class constants
    home: str  # the directory of the run's embedded services
    origin: RunId | None = None  # the run that this one resumes
    check_types: bool = True  # whether what a step assigns is compared with its annotation
    apart: bool = False  # recorded where the client does not look by itself: in `home`
    terminal: str = ""  # the socket where a task asks for the engine's terminal; empty when there is none
    post_mortem: bool = False  # whether a failing task stops at a prompt before it ends
    project: Branch | None = None  # where in a project the run belongs
    triggers: tuple[str, ...] = ()  # the runs that it is to have been started by
    breaks: tuple[tuple[str, int], ...] = ()  # files and lines where a task stops at a prompt
    store: StorePlace = StorePlace()  # where the values lie, when that is not the home


class Failure(Struct, frozen=True, array_like=True):
    """Why an attempt failed: the exception's type and text, the traceback as Python prints it, without our frames."""

    type: str  # qualified, as in "builtins.ValueError"
    message: str
    traceback: str
    file: str = ""
    line: int = 0
    hint: str = ""
    ours: bool = False  # a FlagstoneError: the message says it all and the traceback is not shown
    kinds: tuple[str, ...] = ()  # the qualified names of the exception's classes, its own first; empty: no exception


class JobInput(Struct, frozen=True, array_like=True):
    """One task that a job continues from: a join has several, any other step one, the start step none."""

    step: str
    number: int
    manifest: bytes


class InlineInput(Struct, frozen=True, array_like=True):
    """The form of a `JobInput` where there are many: its manifest is a part of the message, not bytes in it."""

    step: str
    number: int
    manifest: Raw


class Job(Struct, frozen=True, array_like=True):
    """One attempt at one task."""

    number: int
    step: str
    attempt: int
    path: tuple[int, ...]  # the foreach indexes from the outermost to the innermost
    items: tuple[Item, ...]  # the foreach elements, likewise
    inputs: tuple[JobInput, ...]
    resources: Resources
    spilled: str | None = None  # a file that holds the inputs as length-prefixed frames when they are many
    isolation: str | None = None  # what the step declares; None leaves it to the run
    caught: Failure | None = None  # the step is not run: this, which ended the attempt before, is what @catch catches


class Usage(Struct, frozen=True, array_like=True):
    """What an attempt used: processor seconds and the peak of its memory in bytes (0: not known)."""

    cpu_seconds: float = 0.0
    peak_memory: int = 0


class Report(Struct, frozen=True, array_like=True):
    """What a task process says when its attempt is over. Everything it names is durable by then."""

    number: int
    attempt: int
    started: float
    finished: float
    failure: Failure | None
    manifest: bytes  # encoded Manifest; empty when it is too large to ride along
    manifest_blob: BlobRef | None = None
    targets: tuple[str, ...] = ()  # the steps that self.next chose
    split: Split | None = None
    label: str = ""  # a short preview of the foreach element
    reads: tuple[str, ...] = ()  # the parameters that the step read
    notices: tuple[str, ...] = ()  # things the user should know about


class LogSpan(Struct, frozen=True, array_like=True):
    """Where an attempt's output lies: two files (relative to the log directory) and a range of bytes in each.

    An end of -1 says that the attempt still writes.
    """

    stdout: str
    stderr: str
    stdout_start: int
    stderr_start: int
    stdout_end: int = -1
    stderr_end: int = -1


class Started(Struct, frozen=True, array_like=True):
    """A back end started an attempt."""

    number: int
    attempt: int
    pid: int
    time: float
    log: LogSpan | None


class Ended(Struct, frozen=True, array_like=True):
    """An attempt's process is gone. Without a report it vanished, and `exit` says how."""

    number: int
    attempt: int
    report: Report | None
    exit: str
    log: LogSpan | None
    usage: Usage = Usage()


ComputeEvent = Started | Ended

_encoder = msgspec.msgpack.Encoder()
_job_decoder = msgspec.msgpack.Decoder(Job)
_report_decoder = msgspec.msgpack.Decoder(Report)
_input_decoder = msgspec.msgpack.Decoder(InlineInput)


def encode(record: Struct) -> bytes:
    """Any of these records as msgpack."""
    return _encoder.encode(record)


def decode_job(data: bytes) -> Job:
    """The inverse for a job."""
    return _job_decoder.decode(data)


def decode_report(data: bytes) -> Report:
    """The inverse for a report."""
    return _report_decoder.decode(data)


def encode_input(found: JobInput) -> bytes:
    """An `InlineInput`: many of them, one after the other, can be read as one list."""
    return _encoder.encode(InlineInput(found.step, found.number, Raw(found.manifest or EMPTY_MANIFEST)))


def decode_input(data: bytes) -> JobInput:
    """The inverse for one input of a join."""
    found = _input_decoder.decode(data)
    return JobInput(found.step, found.number, bytes(found.manifest))
