"""A fresh interpreter for one job: how the engine starts it, and what it does."""

import os
import signal
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

import msgspec

from flagstone.compute.process import wire
from flagstone.compute.process.task_process import Attendant, own_streams
from flagstone.compute.process.threads import ThreadLimit, environment
from flagstone.kit import frames
from flagstone.kit.processes import death_with_parent
from flagstone.model.jobs import RunContext
from flagstone.ports.compute import TaskRunner

_LINK = 3  # the descriptor under which the new process finds its socket


def start(command: Sequence[str], link: int, logs: tuple[int, int], threads: int) -> int:
    """Start `command` in a group of its own, its output going to `logs`; returns its process id. Raises OSError."""
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_DUP2, logs[0], 1),
        (os.POSIX_SPAWN_DUP2, logs[1], 2),
        (os.POSIX_SPAWN_DUP2, link, _LINK),
    ]
    return os.posix_spawnp(
        command[0],
        [*command, str(_LINK), str(os.getpid())],
        {**os.environ, **environment(threads)},
        file_actions=actions,
        setsid=True,  # a group of its own, and no share in the engine's terminal: a prompt may read what it is lent
        setsigmask=(),
        setsigdef=(signal.SIGINT, signal.SIGTERM, signal.SIGCHLD, signal.SIGHUP),
    )


def serve(make_runner: Callable[[RunContext], TaskRunner], arguments: Sequence[str]) -> NoReturn:
    """The whole life of a fresh host: the last two of `arguments` are its socket and the engine's process id.

    `make_runner` imports the user's module and gives the runner, already prepared; its output belongs to the task.
    """
    link, engine = int(arguments[-2]), int(arguments[-1])
    os.set_inheritable(link, False)
    death_with_parent()()
    if os.getppid() != engine:
        os._exit(1)
    own_streams()
    context, order = frames.receive(link), frames.receive(link)
    if context is None or order is None:
        os._exit(1)
    _end_group_with_engine(link)
    (work,) = wire.decode_works(order)
    runner = make_runner(msgspec.msgpack.decode(context, type=RunContext))
    ThreadLimit().apply(work.threads)
    done = Attendant(runner).attend(work.ticket, work.job)
    frames.send(link, wire.encode(done))
    os._exit(0)


def _end_group_with_engine(link: int) -> None:
    """Let the system kill this process's whole group when the engine's end of the socket is closed.

    The death signal of a process reaches that process only, not the ones that it started itself. From here on the
    engine sends nothing, so the only thing that can happen to the socket is its end.
    """
    if sys.platform == "linux":
        import fcntl

        fcntl.fcntl(link, fcntl.F_SETOWN, -os.getpgrp())
        fcntl.fcntl(link, fcntl.F_SETSIG, signal.SIGKILL)
        fcntl.fcntl(link, fcntl.F_SETFL, fcntl.fcntl(link, fcntl.F_GETFL) | os.O_ASYNC)
