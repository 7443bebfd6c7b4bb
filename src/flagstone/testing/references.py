"""A fake store of artifacts that keeps the very objects: nothing is serialised, so a test may use whatever it likes."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from msgspec import Raw

from flagstone.model.artifacts import Artifact, BlobRef, Item, Manifest, Split, encode_artifact, encode_manifest
from flagstone.ports.artifact_store import Loaded, Saved
from flagstone.store.description import preview, type_name
from flagstone.store.equality import equal

_WIDTH = 8  # bytes of a number


class ReferenceArtifactStore:
    """Implements `ports.artifact_store`: what was saved is what is loaded, the same object, mocks included."""

    def __init__(self) -> None:
        self._objects: list[Any] = []
        self._numbers: dict[int, int] = {}

    def save(
        self,
        values: Mapping[str, Any],
        *,
        inherited: Mapping[str, Raw],
        loaded: Mapping[str, Loaded],
        fan_out: bool = False,
    ) -> Saved:
        """Keep `values`; nothing fails."""
        own = {name: self.keep(value) for name, value in values.items()}
        return Saved(encode_manifest(Manifest({**inherited, **own})), None, ())

    def keep(self, value: Any) -> Raw:
        """Keep one value, and give the form that a manifest holds."""
        key = self._key(value)
        return encode_artifact(Artifact("reference", type_name(type(value)), 0, preview(value, 0), key, body=key))

    def load(
        self, artifact: Artifact, *, name: str = "", main: Callable[[str], Any] | None = None, track: bool = True
    ) -> Loaded:
        """The object itself."""
        return Loaded(self._object(artifact.body or b""), artifact, None)

    def load_riding(self, bodies: Sequence[bytes]) -> list[Any]:
        """The objects themselves."""
        return [self._object(body) for body in bodies]

    def same_value(self, one: Artifact, other: Artifact) -> bool:
        """Whether two artifacts hold equal values."""
        return equal(self._object(one.body or b""), self._object(other.body or b""))

    def save_items(self, variable: str, items: Iterable[Any]) -> Split:
        """Keep the elements of a foreach."""
        keys = [self._key(item) for item in items]
        offsets = tuple(_WIDTH * number for number in range(len(keys) + 1))
        return Split(variable, len(keys), 1, offsets, body=b"".join(keys))

    def item(self, variable: str, index: int, count: int, value: Any) -> Item:
        """One element of a foreach of which the others are not there."""
        return Item(variable, index, count, 0, self._key(value), None, 0, _WIDTH)

    def load_item(self, item: Item) -> Any:
        """The element itself."""
        return self._object(item.body or b"")

    def read_manifest(self, blob: BlobRef) -> bytes:
        """Every manifest rides along, so there is none to read."""
        raise KeyError(blob.digest.hex())

    def _key(self, value: Any) -> bytes:
        number = self._numbers.get(id(value))
        if number is None:
            number = self._numbers[id(value)] = len(self._objects)
            self._objects.append(value)  # it lives on, so nothing else gets its id
        return number.to_bytes(_WIDTH, "big")

    def _object(self, key: bytes) -> Any:
        return self._objects[int.from_bytes(key, "big")]
