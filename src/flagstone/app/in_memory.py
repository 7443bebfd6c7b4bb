"""A run whose stores are this process's memory and whose tasks run here, one after the other: for tests of flows."""

import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, cast

import msgspec

from flagstone.app import backends
from flagstone.app.backends import ANY_GANG, UNKNOWN, Backend
from flagstone.app.calling import Call, configure, failure_of
from flagstone.app.options import RunOptions
from flagstone.app.running import Execution
from flagstone.app.workspace import Workspace
from flagstone.client.run import Run
from flagstone.client.run_data import find_run
from flagstone.client.scope import HeldScope
from flagstone.compute.inline.backend import InlineCompute
from flagstone.dsl.flow import FlowSpec
from flagstone.dsl.given import by_attribute
from flagstone.engine.attempt import Attempt, Proceed
from flagstone.engine.claims import Machine
from flagstone.engine.observers.broadcast import Broadcast
from flagstone.engine.task import StepRunner
from flagstone.engine.trying import Trying
from flagstone.kit.files import private_directory
from flagstone.metadata.memory import MemoryMetadataStore
from flagstone.model.declaring import Declaration
from flagstone.model.events import AnyEvent, TaskOutput
from flagstone.model.ids import RunId
from flagstone.model.jobs import RunContext
from flagstone.model.resources import Resources
from flagstone.model.states import State
from flagstone.ports.artifact_store import ArtifactStore
from flagstone.store.artifacts import Artifacts
from flagstone.store.backends.memory import MemoryBlobStore
from flagstone.store.content import Content
from flagstone.store.kept_logs import KeptLogStore

PLENTY = Resources(cpu=UNKNOWN, memory=UNKNOWN, gpu=UNKNOWN)  # a test computes little, whatever its steps ask for


def run(flow: type[FlowSpec], given: Mapping[str, Any]) -> Run:
    """Run a flow and leave nothing behind. The Run holds all that is known of it, as long as somebody has it.

    Raises RunFailed from the exception of the step that failed, unless `check=False` is given.
    """
    call = Call(flow, given, ("tags", "max_num_splits", "namespace", "keep_going"))
    with tempfile.TemporaryDirectory(prefix="flagstone-memory-") as folder, call.decorated():
        execution = InMemory(flow, call.run_options(), Path(folder))
        outcome = execution.go(None)
        execution.logs.keep()
    scope = HeldScope(home=folder, namespace=None, held=execution.workspace)
    found = Run.of(find_run(scope, outcome.run.flow, str(outcome.run.number)))
    if call.check and not found.successful:
        raise failure_of(found) from execution.first.error
    return found


def context(
    flow: type[FlowSpec], parameters: Mapping[str, Any], configs: Mapping[str, Any], artifacts: ArtifactStore
) -> RunContext:
    """What the tasks of a run would know that does not take place; its parameters and constants are in `artifacts`.

    Raises InvalidParameter, and InvalidGraph for a flow that could not run.
    """
    configure(flow, (), list(configs.items()))
    options = RunOptions(parameters=by_attribute(flow, parameters))
    return InMemory(flow, options, Path(tempfile.gettempdir()), artifacts).context()


class InMemory(Execution):
    """One run; `folder` takes what has to be a file while it lasts."""

    def __init__(
        self, flow: type[FlowSpec], options: RunOptions, folder: Path, artifacts: ArtifactStore | None = None
    ) -> None:
        super().__init__(flow, options, [_Echo()])
        self.settings = msgspec.structs.replace(self.settings, home=folder)
        self.first = _FirstError()
        blobs = MemoryBlobStore()
        self.logs = KeptLogStore(folder / "logs")
        self.workspace = Workspace(
            settings=self.settings,
            metadata=MemoryMetadataStore(),
            blobs=blobs,
            artifacts=Artifacts(Content(blobs)) if artifacts is None else cast("Artifacts", artifacts),
            logs=self.logs,
        )

    def context(self) -> RunContext:
        """What tasks know of the run, which is recorded and goes no further."""
        return self._begin(self.workspace, self._given(), None, self.settings.home)

    def _prepare(self) -> Path:
        private_directory(self.settings.home / "tmp")
        return self.settings.home

    def _choose(self) -> Backend:
        runner = StepRunner(self.flow, self.workspace.artifacts, (self.first, *backends.chain()))
        return Backend(InlineCompute(runner), Machine(PLENTY, 1, ANY_GANG), "inline", lambda: None, tuple)

    def _open(self) -> Workspace:
        return self.workspace

    def _call_hooks(self, run: RunId, state: State, emit: Broadcast) -> None:
        """None: they would look for the run in a home."""

    def _trying(self) -> Trying:
        """New attempts follow at once: a test does not wait for a service to recover."""
        return Trying(self.plan, pauses=False)

    def _open_desk(self, home: Path) -> None:
        return None


class _FirstError:
    """Remembers the exception that a step ended with, for the one who called."""

    understands: ClassVar[tuple[type[Declaration], ...]] = ()

    def __init__(self) -> None:
        self.error: BaseException | None = None

    def wrap(self, attempt: Attempt, proceed: Proceed) -> None:
        """Run, and look at what comes out."""
        try:
            proceed()
        except BaseException as error:
            self.error = self.error or error
            raise


class _Echo:
    """Prints what tasks print: they run in this process, and tests capture it as they capture everything."""

    def on(self, event: AnyEvent) -> None:
        """Print output."""
        if isinstance(event, TaskOutput):
            stream = sys.stdout if event.stream == "stdout" else sys.stderr
            stream.write(event.data.decode("utf-8", "replace"))

    def tick(self) -> None:
        """Nothing to do."""

    def close(self) -> None:
        """Nothing to do."""
