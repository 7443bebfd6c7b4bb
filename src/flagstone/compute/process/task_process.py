"""What a process does in order to run a task: its streams, its random numbers, its signals, and the job itself."""

import _thread
import atexit
import faulthandler
import importlib
import io
import os
import signal
import sys
from collections.abc import Callable
from typing import Final

from flagstone.compute.process import wire
from flagstone.kit import masking
from flagstone.kit.processes import flush_of_c_streams
from flagstone.model.jobs import Report, Usage, decode_job, encode
from flagstone.ports.compute import TaskRunner

LARGE: Final = 512 << 20  # bytes; an attempt that held more occupies its slot until the system has them back

# The plain function below `signal.signal`, which turns numbers into enumerations and back: a forked process would copy
# a quarter of a megabyte of memory only for that.
_set_signal: Final[Callable[[int, object], object]] = vars(importlib.import_module("_signal"))["signal"]
_USUAL: Final = (
    (int(signal.SIGINT), signal.default_int_handler),
    *((int(number), int(signal.SIG_DFL)) for number in (signal.SIGTERM, signal.SIGCHLD, getattr(signal, "SIGHUP", 15))),
)

_kept: list[object] = []  # streams that were replaced: closing them would close descriptors that are in use


def own_streams() -> None:
    """Make `sys.stdout` and `sys.stderr` write to descriptors 1 and 2, line by line, in UTF-8, refusing nothing.

    A stream that is there is changed rather than replaced: log handlers made at import may hold it. `sys.stdin` is
    replaced: it may hold what the engine read ahead.
    """
    _kept.extend((sys.stdin, sys.__stdin__))
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - here and below: for the process's life
    for fd, name in ((1, "stdout"), (2, "stderr")):
        stream = getattr(sys, name)
        if isinstance(stream, io.TextIOWrapper) and _descriptor(stream) == fd:
            stream.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)
            continue
        _kept.extend((stream, getattr(sys, f"__{name}__")))
        fresh = open(fd, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)  # noqa: SIM115
        setattr(sys, name, fresh)
        setattr(sys, f"__{name}__", fresh)
    masking.own_descriptors()
    faulthandler.enable(2)  # where a crash of C code happened, in the task's own log


def _descriptor(stream: io.TextIOWrapper) -> int:
    try:
        return stream.fileno()
    except (OSError, ValueError):
        return -1


def default_signals() -> None:
    """What a Python program starts with; for a process forked from one that had handlers of its own."""
    signal.set_wakeup_fd(-1)
    for number, handler in _USUAL:
        _set_signal(number, handler)


def reseed() -> None:
    """Give numpy's global generator a state of its own; `random` does so by itself at every fork."""
    if "numpy.random" in sys.modules:
        sys.modules["numpy.random"].seed(int.from_bytes(os.urandom(4), "little"))


def finish_like_a_program() -> None:
    """What Python does at the end of a program: wait for threads and processes, call what the task left to be called.

    The process itself leaves without it, since half of what there is to clean up belongs to the engine; those
    functions were forgotten at the fork. The order is Python's own.
    """
    threading = vars(sys.modules["threading"]) if "threading" in sys.modules else {}
    if threading and (_thread._count() or threading.get("_threading_atexits")):
        threading["_shutdown"]()  # as `multiprocessing` does in its forked processes: ends idle pools, then joins
    if "multiprocessing.util" in sys.modules:
        vars(sys.modules["multiprocessing.util"])["_exit_function"]()
    atexit._run_exitfuncs()


class Attendant:
    """Runs jobs in this process and says what came of each."""

    def __init__(self, runner: TaskRunner) -> None:
        import resource  # not on every system, and needed only where tasks run

        self._runner = runner
        self._flush_c = flush_of_c_streams()
        self._usage: Callable[[int], resource.struct_rusage] = resource.getrusage
        self._who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)

    def attend(self, ticket: int, job: bytes, logs: tuple[int, int] | None = None) -> wire.Done:
        """Run one job, the only one of this process; a worker gives its `logs`, to hear how long they are then."""
        cpu = self._cpu_seconds() if logs else 0.0
        report: Report = self._runner.run(decode_job(job))
        if logs is None:
            finish_like_a_program()
        self._flush()
        ends = (os.fstat(logs[0]).st_size, os.fstat(logs[1]).st_size) if logs else (-1, -1)
        usage = Usage(self._cpu_seconds() - cpu, self._peak_memory())
        final = bool(logs) or (usage.peak_memory < LARGE and _is_childless())
        return wire.Done(ticket, os.getpid(), encode(report), usage, final, *ends)

    def _flush(self) -> None:
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except (OSError, ValueError, AttributeError):  # closed or replaced by the user's code
                continue
        self._flush_c()
        masking.settle()

    def _cpu_seconds(self) -> float:
        own, children = map(self._usage, self._who)
        return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime

    def _peak_memory(self) -> int:
        own, children = map(self._usage, self._who)
        return max(own.ru_maxrss, children.ru_maxrss) << 10


def _is_childless() -> bool:
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return True
    return False
