"""The messages between the engine, the zygote and the task processes."""

import msgspec
from msgspec import Struct

from flagstone.model.jobs import Usage


class Prepare(Struct, frozen=True, array_like=True, tag=1):
    """Engine to zygote: the run's context, encoded."""

    context: bytes


class Fork(Struct, frozen=True, array_like=True, tag=2):
    """Engine to zygote: fork a process that runs one job with `threads` threads."""

    ticket: int
    slot: int
    threads: int
    job: bytes


class Hire(Struct, frozen=True, array_like=True, tag=3):
    """Engine to zygote: fork a worker that takes its jobs from the slot's socket."""

    ticket: int
    slot: int


class Signal(Struct, frozen=True, array_like=True, tag=4):
    """Engine to zygote: send a signal to the group of that process, if it still is there."""

    ticket: int
    number: int


class Quit(Struct, frozen=True, array_like=True, tag=5):
    """Engine to zygote: kill everything and go."""


class Preload(Struct, frozen=True, array_like=True, tag=6):
    """Engine to zygote: tasks had to import these modules."""

    modules: tuple[str, ...]


class Work(Struct, frozen=True, array_like=True):
    """Engine to worker: one of the next jobs; a message holds several, so that short ones share its cost."""

    ticket: int
    threads: int
    job: bytes


class Born(Struct, frozen=True, array_like=True, tag=1):
    """Zygote to engine: that process is there."""

    ticket: int
    pid: int
    time: float


class Gone(Struct, frozen=True, array_like=True, tag=2):
    """Zygote to engine: that process is gone, or (with a `problem`) never came to be."""

    ticket: int
    code: int
    usage: Usage = Usage()
    problem: str = ""


class Done(Struct, frozen=True, array_like=True, tag=3):
    """Task process to engine: the report of a job.

    `final`: nothing that the attempt started is left and the process gives back little memory, so the slot is free
    without waiting for its end. A worker says how long its log files are; -1 leaves it to the engine to look.
    """

    ticket: int
    pid: int
    report: bytes
    usage: Usage
    final: bool
    stdout_end: int = -1
    stderr_end: int = -1
    modules: tuple[str, ...] = ()  # that it had to import, and that the zygote may import for the next


class Skipped(Struct, frozen=True, array_like=True, tag=4):
    """Worker to engine: that job was withdrawn, and is passed."""

    ticket: int


_encoder = msgspec.msgpack.Encoder()
encode = _encoder.encode
decode_command = msgspec.msgpack.Decoder(Prepare | Fork | Hire | Signal | Quit | Preload).decode
decode_news = msgspec.msgpack.Decoder(Born | Gone).decode
decode_answer = msgspec.msgpack.Decoder(Done | Skipped).decode
decode_works = msgspec.msgpack.Decoder(tuple[Work, ...]).decode
