"""The program that a fresh interpreter runs for one task: imports the flow, then serves."""

import os
import sys
from importlib import import_module
from pathlib import Path

from flagstone.app.backends import runner_for
from flagstone.compute.process import spawn
from flagstone.dsl.loading import load_flow
from flagstone.dsl.mutating import mutate
from flagstone.engine.task import StepRunner
from flagstone.model.jobs import RunContext


def make_runner(context: RunContext) -> StepRunner:
    """The runner for a run's flow, from its file. Raises ModuleFailed, NoFlow, MutatorFailed."""
    sys.path.insert(0, "")
    compat = os.environ.get("FLAGSTONE_COMPAT")
    if compat:
        import_module(f"flagstone.compat.{compat}")
    flow = load_flow(context.plan.file, context.plan.flow)
    mutate(flow)
    runner = runner_for(flow, Path(context.home))
    runner.prepare(context)
    return runner


if __name__ == "__main__":
    spawn.serve(make_runner, sys.argv)
