"""Every compute back end, in every isolation, is held to the contract that `flagstone.testing` ships."""

import sys

from flagstone.compute.inline.backend import InlineCompute
from flagstone.compute.process.backend import ProcessCompute
from flagstone.compute.process.settings import ProcessSettings
from flagstone.ports.compute import Compute, TaskRunner
from flagstone.testing.compute import ComputeContract

HOST = (sys.executable, "-m", "tests.unit.compute.host")


class TestInline(ComputeContract):
    """In this very process."""

    separate = False

    def new_compute(self, runner: TaskRunner) -> Compute:
        return InlineCompute(runner)


class TestFork(ComputeContract):
    """A forked process a job."""

    def new_compute(self, runner: TaskRunner) -> Compute:
        return ProcessCompute(ProcessSettings(workers=2, isolation="fork"), runner)


class TestWorker(ComputeContract):
    """Forked processes that take job after job."""

    def new_compute(self, runner: TaskRunner) -> Compute:
        return ProcessCompute(ProcessSettings(workers=2, isolation="worker"), runner)


class TestSpawn(ComputeContract):
    """A fresh interpreter a job."""

    many = 4

    def new_compute(self, runner: TaskRunner) -> Compute:
        return ProcessCompute(ProcessSettings(workers=2, isolation="spawn", spawn_command=HOST), runner)
