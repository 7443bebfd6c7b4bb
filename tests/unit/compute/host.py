"""What a fresh interpreter runs in these tests: the contract's actions."""

import sys

from flagstone.compute.process import spawn
from flagstone.model.jobs import RunContext
from flagstone.ports.compute import TaskRunner
from flagstone.testing.driver import ACTIONS, FunctionRunner


def make_runner(context: RunContext) -> TaskRunner:
    """The runner, prepared."""
    runner = FunctionRunner(ACTIONS)
    runner.prepare(context)
    return runner


if __name__ == "__main__":
    spawn.serve(make_runner, sys.argv)
