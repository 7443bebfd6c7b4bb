"""Reading back: flows, runs, steps, tasks and artifacts as objects that are cheap to make and pickle.

scope: the home and the namespace that an object was found in. pathspec: `Flow/7/train/12/model`. namespace: which
runs one sees, `user:<name>` unless one says otherwise; None sees all. Nothing but `.data` ever unpickles.
"""

from flagstone.client.artifact import DataArtifact
from flagstone.client.flow import Flow
from flagstone.client.root import Metaflow
from flagstone.client.run import Run
from flagstone.client.scope import (
    default_metadata,
    default_namespace,
    get_metadata,
    get_namespace,
    inspect_spin,
    metadata,
    namespace,
)
from flagstone.client.step import Step
from flagstone.client.task import Task

__all__ = [
    "DataArtifact",
    "Flow",
    "Metaflow",
    "Run",
    "Step",
    "Task",
    "default_metadata",
    "default_namespace",
    "get_metadata",
    "get_namespace",
    "inspect_spin",
    "metadata",
    "namespace",
]
