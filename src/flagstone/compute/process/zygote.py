"""The zygote: forked from the engine once the user's module is imported, it forks a process for each task."""

import atexit
import gc
import os
import select
import signal
import sys
import warnings
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NoReturn

import msgspec

from flagstone.compute.process import preload, wire, worker
from flagstone.compute.process.board import Board
from flagstone.compute.process.task_process import Attendant, default_signals, own_streams, reseed
from flagstone.compute.process.threads import ThreadLimit
from flagstone.kit import frames
from flagstone.kit.clock import monotonic, now
from flagstone.kit.processes import death_with_parent, signal_group
from flagstone.model.jobs import RunContext, Usage
from flagstone.ports.compute import TaskRunner

_TELL_AFTER = 0.003  # seconds: a task that is over sooner has told everything itself, and nobody is woken in vain

_LOOK = os.WEXITED | os.WNOHANG | os.WNOWAIT if hasattr(os, "WNOWAIT") else 0
_KILL = int(getattr(signal, "SIGKILL", 9))  # a plain number: an enumeration's costs every fork pages to copy

_decode_context = msgspec.msgpack.Decoder(RunContext).decode


def log_directory(context: RunContext) -> Path:
    """Where the output of a run's tasks lies."""
    return Path(context.home, "logs", context.run.flow, str(context.run.number))


def open_logs(directory: Path, slot: int) -> tuple[int, int]:
    """Descriptors of a slot's two log files, which only ever grow. Raises OSError."""
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_CLOEXEC", 0)
    out = os.open(directory / f"{slot}.out", flags, 0o600)
    return out, os.open(directory / f"{slot}.err", flags, 0o600)


def boot(runner: TaskRunner, links: Sequence[tuple[int, int]], board: Board) -> int:
    """Fork the zygote and return its process id.

    `links` are socket pairs, the engine's end first: one for orders, then one a slot; both sides keep their own ends.
    """
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    quiet = {signal.SIGINT, signal.SIGTERM}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, quiet)
    engine = os.getpid()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # threads were looked at: see fork_safety
        pid = os.fork()
    if pid == 0:
        _never_return(lambda: Zygote(runner, links, board, engine).serve(before))
    signal.pthread_sigmask(signal.SIG_SETMASK, before)
    for _, end in links:
        os.close(end)
    return pid


def _never_return(body: Callable[[], None]) -> NoReturn:
    """Run `body` and leave at once: no clean-up of the process that this one was forked from may run here."""
    status = 1
    try:
        body()
        status = 0
    except BaseException:  # noqa: BLE001 - whatever it was, it must not unwind into the engine's frames
        import traceback  # only then

        traceback.print_exc()
    finally:
        os._exit(status)


class Zygote:
    """Hears orders, forks, reaps, and tells the engine. Ends with the engine, and everything it forked with it."""

    def __init__(self, runner: TaskRunner, links: Sequence[tuple[int, int]], board: Board, engine: int) -> None:
        for end, _ in links:
            os.close(end)
        self._control, *self._links = (end for _, end in links)
        self._runner = runner
        self._board = board
        self._engine = engine
        self._pid = os.getpid()
        self._directory = Path()
        self._logs: dict[int, tuple[int, int]] = {}
        self._children: dict[int, tuple[int, int]] = {}  # ticket and slot by process id
        self._pids: dict[int, int] = {}  # by ticket
        self._untold: dict[int, tuple[int, float, float]] = {}  # by process id: ticket, birth, when to tell of it
        self._alarm, self._bell = os.pipe()
        self._die_with_parent = death_with_parent()

    def serve(self, mask: Iterable[int]) -> None:
        """Work until the engine is gone or says so."""
        self._settle(mask)
        poll = select.poll()
        poll.register(self._control, select.POLLIN)
        poll.register(self._alarm, select.POLLIN)
        while True:
            asked = False
            for fd, _ in poll.poll(self._tell_births() if self._untold else None):
                asked = asked or fd == self._control
                if fd == self._alarm:
                    os.read(self._alarm, 4096)
                    self._reap()
            if os.getppid() != self._engine or (asked and not self._obey()):
                break
        for pid in self._children:
            signal_group(pid, signal.SIGKILL)

    def _settle(self, mask: Iterable[int]) -> None:
        os.setsid()
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        for fd in (self._alarm, self._bell):
            os.set_blocking(fd, False)
        signal.set_wakeup_fd(self._bell, warn_on_full_buffer=False)
        for number in (signal.SIGCHLD, signal.SIGHUP):
            signal.signal(number, _ring)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        death_with_parent(signal.SIGHUP)()  # rings the bell, so that what was forked is killed before this ends
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        own_streams()
        self._attendant = Attendant(self._runner)
        warnings.filterwarnings("ignore", message=r".*multi-threaded, use of fork", category=DeprecationWarning)
        gc.disable()
        self._get_ready()

    def _obey(self) -> bool:
        message = frames.receive(self._control)
        if message is None:
            return False
        command = wire.decode_command(message)
        if type(command) is wire.Fork:  # nearly always: what is run here, each fork makes anew
            self._fork(command.ticket, command.slot, self._run, command, _TELL_AFTER)
            return True
        match command:
            case wire.Hire() as hire:
                self._fork(hire.ticket, hire.slot, self._work, hire, 0.0)
            case wire.Signal(ticket, number):
                if ticket in self._pids:
                    signal_group(self._pids[ticket], number)
            case wire.Prepare(context):
                self._prepare(_decode_context(context))
            case wire.Preload(modules):
                self._load(modules)
            case wire.Quit():
                return False
        return True

    def _prepare(self, context: RunContext) -> None:
        self._directory = log_directory(context)
        self._runner.prepare(context)
        self._get_ready()

    def _load(self, modules: tuple[str, ...]) -> None:
        preload.load(modules)
        self._get_ready()

    def _get_ready(self) -> None:
        """Do once what every task would have to do, and let the collector forget all that is there."""
        self._limit = ThreadLimit()
        self._limit.apply(1)
        self._preload = preload.Preload()
        gc.freeze()

    def _fork(self, ticket: int, slot: int, body: Callable[[Any], None], order: Any, patience: float) -> None:
        try:
            logs = self._logs.get(slot)
            if logs is None:
                logs = self._logs[slot] = open_logs(self._directory, slot)
            pid = os.fork()
        except OSError as error:
            frames.send(self._control, wire.encode(wire.Gone(ticket, 1, problem=f"could not be started: {error}")))
            return
        if pid == 0:
            _never_return(lambda: self._become(slot, logs, lambda: body(order)))
        try:  # noqa: SIM105 - what a context manager writes to, every fork copies
            os.setpgid(pid, pid)  # here too, so that the group is there before anyone may signal it
        except OSError:
            pass  # it is gone already
        self._children[pid] = ticket, slot
        self._pids[ticket] = pid
        self._untold[pid] = ticket, now(), monotonic() + patience

    def _tell_births(self) -> int | None:
        """Tell the births that are due; returns the milliseconds until the next is, None for none."""
        while self._untold:
            pid, (ticket, born, due) = next(iter(self._untold.items()))
            wait = due - monotonic()
            if wait > 0:
                return int(wait * 1000) + 1
            del self._untold[pid]
            frames.send(self._control, wire.encode(wire.Born(ticket, pid, born)))
        return None

    def _reap(self) -> None:
        while self._children:
            state = os.waitid(os.P_ALL, 0, _LOOK)
            if state is None:
                return
            signal_group(state.si_pid, _KILL)  # what it left behind; its id is not free before it is reaped
            pid, status, used = os.wait4(state.si_pid, 0)
            ticket, slot = self._children.pop(pid, (0, 0))
            self._pids.pop(ticket, None)
            self._untold.pop(pid, None)
            if self._board.is_settled(slot, ticket):
                continue
            usage = Usage(used.ru_utime + used.ru_stime, used.ru_maxrss << 10)
            frames.send(self._control, wire.encode(wire.Gone(ticket, os.waitstatus_to_exitcode(status), usage)))

    def _become(self, slot: int, logs: tuple[int, int], body: Callable[[], None]) -> None:
        """In the new process: a group of its own, nothing of the zygote's, output to the slot's files."""
        os.setpgid(0, 0)
        self._die_with_parent()
        if os.getppid() != self._pid:
            os._exit(1)
        default_signals()
        atexit._clear()  # what the engine and the user's module want done at the end of the engine
        os.dup2(logs[0], 1)
        os.dup2(logs[1], 2)
        for fd in (self._control, self._alarm, self._bell):
            os.close(fd)
        for other, link in enumerate(self._links):
            if other != slot:
                os.close(link)
        for other, (out, err) in self._logs.items():
            if other != slot:
                os.close(out)
                os.close(err)
        gc.enable()
        reseed()
        body()

    def _run(self, order: wire.Fork) -> None:
        if not self._board.begin(order.slot, order.ticket):
            return  # withdrawn: the engine has lost the zygote, and makes this attempt elsewhere
        self._limit.apply(order.threads)
        done = self._attendant.attend(order.ticket, order.job)
        if modules := self._preload.news():
            done = msgspec.structs.replace(done, modules=modules)
        frames.send(self._links[order.slot], wire.encode(done))
        if done.final:
            self._board.settle(order.slot, order.ticket)

    def _work(self, order: wire.Hire) -> None:
        fds = (self._links[order.slot], *self._logs[order.slot])
        worker.serve(self._attendant, self._limit, self._board, order, fds)


def _ring(_number: int, _frame: object) -> None:
    """Nothing: the handler is there so that the signal writes to the wake-up descriptor."""
