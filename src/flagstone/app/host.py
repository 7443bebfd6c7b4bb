"""The program that a fresh interpreter runs for one task: imports the flow, then serves."""

import os
import sys
from importlib import import_module
from pathlib import Path

from flagstone.app.backends import runner_for
from flagstone.app.configuring import configure_as_recorded
from flagstone.app.home import open_blobs
from flagstone.compute.process import spawn
from flagstone.dsl.loading import load_flow
from flagstone.dsl.mutating import mutate
from flagstone.engine.task import StepRunner
from flagstone.model.jobs import RunContext
from flagstone.store.artifacts import Artifacts
from flagstone.store.content import Content


def make_runner(context: RunContext) -> StepRunner:
    """The runner for a run's flow, from its file. Raises ModuleFailed, NoFlow, MutatorFailed."""
    sys.path.insert(0, "")
    compat = os.environ.get("FLAGSTONE_COMPAT")
    if compat:
        import_module(f"flagstone.compat.{compat}")
    flow, home = load_flow(context.plan.file, context.plan.flow), Path(context.home)
    if flow.__flagstone__.delays:
        configure_as_recorded(flow, context.constants, Artifacts(Content(open_blobs(home, context.store))))
    mutate(flow)
    runner = runner_for(flow, home, context.store)
    runner.prepare(context)
    return runner


if __name__ == "__main__":
    spawn.serve(make_runner, sys.argv)
