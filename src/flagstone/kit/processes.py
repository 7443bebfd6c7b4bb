"""Process trees: die with the parent, end a group, describe how a process ended. Safe to import everywhere."""

import os
import signal
import sys
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1
_KILL = 9  # signal.SIGKILL, which Windows does not have


def death_with_parent(number: int = _KILL) -> Callable[[], None]:
    """A function that makes the system send `number` (SIGKILL) to this process when its parent dies.

    Everything costly (finding the C library) happens here, once; call the function right after a fork, then look
    whether the parent is still there. A no-op outside Linux, where a process notices the end of its parent by the
    end of its socket.
    """
    if sys.platform != "linux":
        return lambda: None
    import ctypes

    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def arm() -> None:
        prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)

    return arm


def flush_of_c_streams() -> Callable[[], None]:
    """A function that writes out what C code printed in this process and the C library still holds back.

    The exit of a forked process skips the C library's own clean-up, so such output would be lost.
    """
    if sys.platform == "win32":
        return lambda: None
    import ctypes

    fflush = ctypes.CDLL(None).fflush

    def flush() -> None:
        fflush(None)

    return flush


def signal_group(pid: int, number: int) -> None:
    """Send a signal to a process and its whole group; harmless when it is gone."""
    try:
        if sys.platform == "win32":
            os.kill(pid, number)
        else:
            os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):
        return


def describe_exit(code: int) -> str:
    """How a process ended, from `os.waitstatus_to_exitcode`: `exit status 3`, `killed by SIGSEGV`."""
    if code >= 0:
        return f"exit status {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    return f"killed by {name}"


def cores() -> int:
    """How many cores this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity is not None else os.cpu_count() or 1


def memory() -> int:
    """The machine's memory in bytes; 0 where it cannot be known."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return 0


def free_memory() -> int:
    """How many bytes of memory could be used now, what the page cache holds included; 0 where it cannot be known."""
    try:
        with open("/proc/meminfo", encoding="ascii") as file:
            facts = dict(line.split(":", 1) for line in file)
        return int(facts["MemAvailable"].split()[0]) << 10
    except (OSError, KeyError, ValueError):
        return 0


def gpus() -> int:
    """How many graphics processors there are, or are left of them by CUDA_VISIBLE_DEVICES."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is not None:
        return len([name for name in visible.split(",") if name.strip() and name.strip() != "-1"])
    try:
        return len([name for name in os.listdir("/dev") if name.startswith("nvidia") and name[6:].isdigit()])
    except OSError:
        return 0
