"""An engine for tests of sudden death: its tasks sleep beside a subprocess; it prints every process id."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from flagstone.compute.process import spawn
from flagstone.compute.process.backend import ProcessCompute
from flagstone.compute.process.settings import ProcessSettings
from flagstone.model.jobs import Job, RunContext
from flagstone.ports.compute import TaskRunner
from flagstone.testing.driver import Action, Driver, FunctionRunner, job, sleep, started


def linger(task: Job) -> bytes:
    """Print our process id and that of a subprocess, and sleep."""
    left = subprocess.Popen(["sleep", "600"])
    print(os.getpid(), left.pid, os.getppid(), flush=True)
    return sleep(task)


ACTIONS: dict[str, Action] = {"linger": linger}


def make_runner(context: RunContext) -> TaskRunner:
    """The runner of a fresh interpreter."""
    runner = FunctionRunner(ACTIONS)
    runner.prepare(context)
    return runner


def main(home: Path, isolation: str) -> None:
    """Start two tasks, print the ids of all processes, and wait."""
    command = (sys.executable, "-m", "tests.unit.compute.tiny_engine", "host")
    settings = ProcessSettings(workers=2, isolation=isolation, spawn_command=command)
    make: Callable[[TaskRunner], ProcessCompute] = lambda runner: ProcessCompute(settings, runner)  # noqa: E731
    with started(make, ACTIONS, home) as driver:
        tell(driver)


def tell(driver: Driver) -> None:
    """Print the ids once both tasks run, and wait for ever."""
    driver.compute.launch([job(1, "linger"), job(2, "linger")])
    ids = b" ".join(driver.wait_for_output(number) for number in (1, 2)).split()
    print(*{int(word) for word in ids if word.isdigit()}, flush=True)
    while True:
        driver.wait(600)


if __name__ == "__main__":
    if sys.argv[1] == "host":
        spawn.serve(make_runner, sys.argv)
    main(Path(sys.argv[1]), sys.argv[2])
