"""The stores of one home together, as a reader needs them."""

from pathlib import Path
from typing import Protocol

from flagstone.ports.artifact_store import ArtifactStore
from flagstone.ports.log_store import LogStore
from flagstone.ports.metadata_store import MetadataStore

SPIN_AREA = "spin"  # the folder of a home that `spin` records in: a home of its own


class Workspace(Protocol):
    """What `flagstone.app.workspace` wires and the client reads."""

    @property
    def home(self) -> Path:
        """The directory that all of it lies in; given to the factory again, it opens the same workspace."""

    @property
    def metadata(self) -> MetadataStore:
        """The recorded facts."""

    @property
    def artifacts(self) -> ArtifactStore:
        """The values."""

    @property
    def logs(self) -> LogStore:
        """The output of tasks."""

    @property
    def user(self) -> str:
        """Who reads; the default namespace is `user:<name>`."""
