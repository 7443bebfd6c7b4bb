"""Whether this process may be forked: what a module left running or open when it was imported, in words.

A fork copies memory but only the thread that forks. Whatever another thread held at that moment (a lock, half of a
queue) stays so for ever in the child, and a connection or a GPU context would be used by two processes at once.
Merely importing the usual libraries leaves nothing that hurts; using them at import may.
"""

import os
import socket
import sys
import warnings
from typing import Final

from flagstone.kit.text import listed, plural

# Threads that libraries start when they are merely imported, by the first 15 characters of their names. Each waits
# for work that never comes from a parent, holds no lock meanwhile, and is started anew in a child that needs it.
HARMLESS: Final = frozenset({"jemalloc_bg_thd", "polars-ooc-clea"})

_TASKS = "/proc/self/task"
_DESCRIPTORS = "/proc/self/fd"
_GPU: Final = ("/dev/nvidia", "/dev/kfd", "/dev/dri/renderD")


def reasons() -> list[str]:
    """Why this process must not be forked, each as words that follow "it left"; empty when it may be."""
    if sys.platform != "linux":
        return ["the operating system no safe way to fork a process with its libraries"]
    found = _python_threads()
    return [*(found or _native_threads()), *_gpu_contexts(), *_connections()]


def _python_threads() -> list[str]:
    threading = sys.modules.get("threading")
    if threading is None:
        return []
    others = [thread.name for thread in threading.enumerate() if thread is not threading.main_thread()]
    return [f"{plural(len(others), 'thread')} running ({_few(others)})"] if others else []


def _native_threads() -> list[str]:
    """Threads that Python does not know, without the harmless ones and without those that a fork ends."""
    if not _unknown_threads():
        return []
    _fork_once()
    left = _unknown_threads()
    own = os.path.basename(sys.executable)[:15]
    named = sorted({name for name in left if not own.startswith(name) and name != own})
    what = f" ({_few(named)})" if named else ""
    return [f"{plural(len(left), 'native thread')} running{what}: it computed something in parallel"] if left else []


def _unknown_threads() -> list[str]:
    names = []
    main = str(os.getpid())
    for task in os.listdir(_TASKS):
        if task == main:
            continue
        try:
            with open(f"{_TASKS}/{task}/comm", encoding="utf-8", errors="replace") as file:
                names.append(file.read().rstrip("\n"))
        except OSError:  # it ended meanwhile
            continue
    return [name for name in names if name not in HARMLESS]


def _fork_once() -> None:
    """Fork a process that ends at once: pools that know about forks (OpenBLAS) end their threads before it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)


def _gpu_contexts() -> list[str]:
    devices = {target for _, target in _descriptors() if target.startswith(_GPU)}
    return [f"a GPU context open ({_few(sorted(devices))})"] if devices else []


def _connections() -> list[str]:
    peers = [peer for fd, target in _descriptors() if target.startswith("socket:") and (peer := _peer(fd))]
    return [f"{plural(len(peers), 'connection')} open ({_few(peers)})"] if peers else []


def _peer(fd: int) -> str:
    """To whom the socket `fd` is connected; empty for nobody, and for what the parent process handed down.

    Python and C libraries open sockets that are closed by an exec; a local socket that is not was inherited.
    """
    if fd <= 2:
        return ""
    try:
        with socket.socket(fileno=os.dup(fd)) as end:
            local = end.family == socket.AF_UNIX
            if local and os.get_inheritable(fd):
                return ""
            peer = end.getpeername()
    except OSError:  # listening, or closed meanwhile
        return ""
    return f"to {peer or 'a local socket'}" if local else f"to {peer[0]}:{peer[1]}"


def _descriptors() -> list[tuple[int, str]]:
    found = []
    for name in os.listdir(_DESCRIPTORS):
        try:
            found.append((int(name), os.readlink(f"{_DESCRIPTORS}/{name}")))
        except OSError:  # the descriptor of the listing itself
            continue
    return found


def _few(names: list[str]) -> str:
    shown = names[:3]
    return listed([*shown, f"{len(names) - 3} more"] if len(names) > 3 else shown)
