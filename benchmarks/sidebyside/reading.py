"""One process from the outside: its wall time, its CPU time, its memory."""

import os
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct

GLANCE = 0.02  # seconds between looks at the memory of a process that is watched


class ProcessFailed(Exception):
    """A measured process did not end as it should."""


class Reading(Struct, frozen=True):
    """What a process took. `wall` and `cpu` (user and system, with all of its children) are in seconds.

    `largest` is the peak memory of the largest single process of its tree in bytes; `own` is that of the process
    itself, and 0 when nobody watched.
    """

    wall: float
    cpu: float
    largest: int
    own: int
    output: str


def read(
    command: Sequence[str], env: Mapping[str, str], directory: Path, *, succeeds: bool = True, watch: bool = False
) -> Reading:
    """Run a command to its end and measure it. Raises ProcessFailed when it ends otherwise than `succeeds` says."""
    with tempfile.TemporaryFile() as output:
        begun = time.perf_counter()
        process = subprocess.Popen(command, env=dict(env), cwd=directory, stdout=output, stderr=subprocess.STDOUT)
        own = _watch(process.pid) if watch else 0
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read().decode(errors="replace")
    if (process.returncode == 0) is not succeeds:
        raise ProcessFailed(f"{' '.join(command)}\nended with {process.returncode}:\n{text[-3000:]}")
    return Reading(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, own, text)


def _watch(pid: int) -> int:
    """Look at a process until it ends; returns its peak memory in bytes. Leaves it to be waited for."""
    peak = 0
    while os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is None:
        peak = max(peak, _high_water(pid))
        time.sleep(GLANCE)
    return peak


def _high_water(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    lines = [line for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(lines[0].split()[1]) * 1024 if lines else 0
