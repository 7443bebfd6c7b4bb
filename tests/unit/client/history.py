"""A home with a history, for tests of the client: records in memory, values pickled inline, logs in a dictionary."""

import io
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Raw

from flagstone.kit.digest import digest_of
from flagstone.metadata.memory import MemoryMetadataStore
from flagstone.model.artifacts import Artifact, BlobRef, Manifest, encode_artifact, encode_manifest
from flagstone.model.errors import Location, UnreadableArtifact
from flagstone.model.events import AnyEvent, RunEnded
from flagstone.model.ids import RunId
from flagstone.model.jobs import LogSpan
from flagstone.model.plan import Plan, Step, Transition
from flagstone.model.states import State
from flagstone.ports.artifact_store import Loaded
from flagstone.ports.metadata_store import MetadataStore
from flagstone.testing.samples import ended, new_run

HERE = Location("/flows/tidal.py", 1)


def step(name: str, *targets: str, foreach: str | None = None, joins: bool = False) -> Step:
    """One step of a plan; the transition follows from the targets."""
    transition = Transition.SPLIT if len(targets) > 1 else Transition.LINEAR
    if foreach:
        transition = Transition.FOREACH
    return Step(
        name=name,
        transition=transition if targets else Transition.END,
        next=targets,
        joins=joins,
        where=HERE,
        foreach=foreach,
    )


# start spreads days; each day splits into wind and sun, which meet in day; tide gathers the days; end.
PLAN = Plan(
    flow="Tidal",
    file="/flows/tidal.py",
    start="start",
    end="end",
    steps=(
        step("start", "work", foreach="days"),
        step("work", "wind", "sun"),
        step("wind", "day"),
        step("sun", "day"),
        step("day", "tide", joins=True),
        step("tide", "end", joins=True),
        step("end"),
    ),
    matching_split={"day": "work", "tide": "start"},
)


class PickledValues:
    """The part of an artifact store that readers use; a value is its pickle, and reading one is counted."""

    def __init__(self) -> None:
        self.loads = 0
        self.blobs: dict[bytes, bytes] = {}

    def load(
        self, artifact: Artifact, *, name: str = "", main: Callable[[str], Any] | None = None, track: bool = True
    ) -> Loaded:
        assert not track, "a reader saves nothing"
        self.loads += 1
        try:
            value = _Reader(artifact.body or b"", main).load()
        except AttributeError as error:
            raise UnreadableArtifact(what=name, problem=str(error)) from error
        return Loaded(value, artifact, None)

    def read_manifest(self, blob: BlobRef) -> bytes:
        return self.blobs[blob.digest]


class _Reader(pickle.Unpickler):
    def __init__(self, body: bytes, main: Callable[[str], Any] | None) -> None:
        super().__init__(io.BytesIO(body))
        self._main = main

    def find_class(self, module: str, name: str) -> Any:
        if module == "__main__" and self._main is not None:
            return self._main(name)
        return super().find_class(module, name)


class WrittenLogs:
    """Logs by run, file and stream."""

    def __init__(self) -> None:
        self.files: dict[tuple[RunId, str], bytes] = {}

    def read(self, run: RunId, span: LogSpan, stream: str, offset: int = 0, length: int | None = None) -> bytes:
        file, start, end = (span.stdout, span.stdout_start, span.stdout_end)
        if stream == "stderr":
            file, start, end = (span.stderr, span.stderr_start, span.stderr_end)
        data = self.files.get((run, file), b"")[start : None if end < 0 else end]
        return data[offset:][:length]

    def size(self, run: RunId, span: LogSpan, stream: str) -> int:
        return len(self.read(run, span, stream))


class History:
    """A workspace, and the means to give it a past."""

    def __init__(self, home: Path, metadata: MetadataStore | None = None) -> None:
        self.home = home
        self.user = "ada"
        self.metadata: MetadataStore = metadata or MemoryMetadataStore()
        self.artifacts = PickledValues()
        self.logs = WrittenLogs()

    def begin(self, flow: str = "Tidal", plan: Plan = PLAN, **changes: Any) -> RunId:
        """Begin a run that stays open."""
        return self.metadata.begin_run(new_run(flow, plan=msgspec.msgpack.encode(plan), **changes))

    def record(self, run: RunId, *events: AnyEvent) -> None:
        """Append events to an open run."""
        self.metadata.append(run, events)

    def end(self, run: RunId, state: State = State.SUCCEEDED) -> RunId:
        """End an open run."""
        self.metadata.append(run, [RunEnded(time=1_060.0, run=run, state=state)])
        return run

    def linear(self, state: State = State.SUCCEEDED, **changes: Any) -> RunId:
        """A whole run with a task in `start` and, if it succeeded, one in `end`, which has `answer` = 42."""
        run = self.begin(**changes)
        self.record(run, done(1, "start", {"x": [1, 2]}, targets=("end",)))
        if state is State.SUCCEEDED:
            self.record(run, done(2, "end", {"answer": 42}))
        return self.end(run, state)


def artifact(value: Any) -> Artifact:
    """A value in the form of `PickledValues`."""
    return pickled(pickle.dumps(value), type(value).__name__, repr(value))


def pickled(body: bytes, kind: str, preview: str) -> Artifact:
    """A pickle in the form of `PickledValues`."""
    return Artifact("pickle", kind, len(body), preview, digest_of(body), body)


def manifest(values: dict[str, Any]) -> bytes:
    """The manifest of values; one that is an Artifact already stays."""
    encoded: dict[str, Raw] = {
        name: encode_artifact(value if isinstance(value, Artifact) else artifact(value))
        for name, value in values.items()
    }
    return encode_manifest(Manifest(encoded))


def done(number: int, step: str, values: dict[str, Any] | None = None, **changes: Any) -> AnyEvent:
    """The end of a task that left `values`."""
    body = manifest(values or {})
    return ended(number, step, **{"manifest": body, "manifest_digest": digest_of(body), **changes})


homes: dict[str, History] = {}


def workspace(home: str | None = None) -> History:
    """What `workspace` is bound to: the first of `homes`, or the one that is asked for."""
    return next(iter(homes.values())) if home is None else homes[home]
