"""Flows that are started from Python, each in a process of its own: `Runner` for a file, `NBRunner` for a notebook.

executing: a run on its way, with status, output and, once it is recorded, its Run. child: its process.
"""

from flagstone.client.runner.executing import ExecutingProcess, ExecutingRun, ExecutingTask
from flagstone.client.runner.notebook import NBRunner
from flagstone.client.runner.runner import Runner

__all__ = ["ExecutingProcess", "ExecutingRun", "ExecutingTask", "NBRunner", "Runner"]
