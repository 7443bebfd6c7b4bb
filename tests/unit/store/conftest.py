"""A store of artifacts in a directory, and one call that stores a value and says where it went."""

from pathlib import Path
from typing import Any

import pytest

from flagstone.model.artifacts import Artifact, decode_manifest
from flagstone.ports.artifact_store import Loaded
from flagstone.store.artifacts import Artifacts
from flagstone.store.backends.directory import DirectoryBlobStore
from flagstone.store.backends.memory import MemoryBlobStore
from flagstone.store.content import Content


class Home:
    """A directory of blobs; each `store` is what a new process would open."""

    def __init__(self, root: Path) -> None:
        self.blobs = DirectoryBlobStore(root / "blobs", root / "tmp")

    @property
    def store(self) -> Artifacts:
        return Artifacts(Content(self.blobs))

    def save(self, value: Any, known: Loaded | None = None) -> Artifact:
        """Store one value, which may have been loaded before."""
        loaded = {} if known is None else {"x": known}
        saved = self.store.save({"x": value}, inherited={}, loaded=loaded)
        assert saved.failures == ()
        artifact = decode_manifest(saved.manifest).artifact("x")
        assert artifact is not None
        return artifact

    def load(self, artifact: Artifact) -> Loaded:
        return self.store.load(artifact, name="x")

    def again(self, value: Any) -> Any:
        """The value after a way through the store."""
        return self.load(self.save(value)).value

    @property
    def files(self) -> int:
        return len(list(self.blobs.keys()))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def in_memory(value: Any) -> Any:
    """The value after a way through a store that is gone with the call, for property tests."""
    store = Artifacts(Content(MemoryBlobStore()))
    artifact = decode_manifest(store.save({"x": value}, inherited={}, loaded={}).manifest).artifact("x")
    assert artifact is not None
    return store.load(artifact).value
