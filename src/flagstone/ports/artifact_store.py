"""Values by name: what a task and a reader need from the store of artifacts."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

from msgspec import Raw, Struct

from flagstone.model.artifacts import Artifact, BlobRef, Item, Split
from flagstone.model.errors import FlagstoneError


class Loaded(Struct, frozen=True):
    """A value that was loaded, and what is needed to tell later whether it was changed in place."""

    value: Any
    artifact: Artifact
    token: Any


class Saved(Struct, frozen=True):
    """The outcome of a save: the encoded manifest (in the store under `blob` when it is large), and what failed."""

    manifest: bytes
    blob: BlobRef | None
    failures: tuple[FlagstoneError, ...]


class Stored(Struct, frozen=True):
    """A value that another system serialised: the serializer that loads it, what it is, and its bytes."""

    serializer: str
    type: str
    preview: str
    body: bytes


class ArtifactStore(Protocol):
    """Where values lie."""

    def save(
        self,
        values: Mapping[str, Any],
        *,
        inherited: Mapping[str, Raw],
        loaded: Mapping[str, Loaded],
        fan_out: bool = False,
    ) -> Saved:
        """Store `values` and return the manifest of them and of what is `inherited` (encoded artifacts by name).

        A value in `loaded` that was not changed keeps its artifact. Everything is durable when this returns. A value
        that cannot be stored is one of `failures`; the others are stored all the same. With `fan_out` the manifest is
        kept small, since many tasks will inherit it. Raises StorageFull, UnusableHome.
        """

    def load(
        self, artifact: Artifact, *, name: str = "", main: Callable[[str], Any] | None = None, track: bool = True
    ) -> Loaded:
        """The value. Raises UnreadableArtifact, CorruptBlob; `name` is for their messages.

        Without `track` a save may not know the value again, and loading costs less: for who only reads.

        `main` finds by name what was pickled by reference to `__main__` and is not in this process's `__main__`; it
        raises AttributeError for what it does not know, and is not called unless the value needs it.
        """

    def load_riding(self, bodies: Sequence[bytes]) -> list[Any]:
        """The values of the bodies of `Riding` artifacts, quickly. Raises UnreadableArtifact, which names none."""

    def same_value(self, one: Artifact, other: Artifact) -> bool:
        """Whether two artifacts hold equal values: by digest, else by comparing what they hold."""

    def save_items(self, variable: str, items: Iterable[Any]) -> Split:
        """Store the elements of a foreach. Raises UnpicklableArtifactException."""

    def load_item(self, item: Item) -> Any:
        """One element of a foreach."""

    def read_manifest(self, blob: BlobRef) -> bytes:
        """A manifest that was too large to ride along; a `size` of 0 means that it is not known. Raises CorruptBlob."""
