"""Values by name: saved as one manifest, loaded one by one, known again when nobody changed them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from msgspec import Raw
from msgspec.structs import replace

from flagstone.kit.digest import digest_all, to_hex
from flagstone.kit.threads import each
from flagstone.model.artifacts import Artifact, BlobRef, Item, Manifest, Split, encode_manifest
from flagstone.model.errors import CorruptBlob, FlagstoneError, UnpicklableArtifactException
from flagstone.ports.artifact_store import Loaded, Saved, Stored
from flagstone.store import items as pages
from flagstone.store.codec import ATOMS, Codec, Encoded
from flagstone.store.content import Block, Content
from flagstone.store.description import preview, type_name
from flagstone.store.equality import equal
from flagstone.store.loaned import Loaned
from flagstone.store.packing import FAN_OUT, USUAL, pack
from flagstone.store.serializers import reducers
from flagstone.store.serializers.registry import MainResolver

MAX_MANIFEST = 64 << 10  # bytes; a larger one is a blob
MAX_SPLIT = 32 << 10  # bytes of a foreach's elements that ride along

_LARGE_ITEM = 16 << 10  # bytes; a larger element of a foreach is a blob of its own
_MANIFEST = "a task's manifest"
_THREADED_FROM = 4 << 20  # bytes; below, threads cost more than they save


_STEADY = frozenset(("array", "bytes"))  # what they load is stored again as the same bytes


class Token(NamedTuple):
    """What tells whether a loaded value was changed: the memory it stands on, and its digest when stored again."""

    blocks: tuple[tuple[memoryview, Block], ...] = ()
    fingerprint: bytes = b""


_IMMUTABLE = Token()


class Artifacts:
    """The values of one store of blobs."""

    def __init__(self, content: Content) -> None:
        self._content = content
        self._codec = Codec()

    def save(
        self,
        values: Mapping[str, Any],
        *,
        inherited: Mapping[str, Raw],
        loaded: Mapping[str, Loaded],
        fan_out: bool = False,
    ) -> Saved:
        """Store `values` and return the manifest of them and of what is `inherited`.

        A value in `loaded` that was not changed keeps its artifact. Everything is durable when this returns. A value
        that cannot be stored is one of `failures`. Raises StorageFull, UnusableHome.
        """
        own: dict[str, Artifact] = {}
        encoded: dict[str, Encoded] = {}
        failures: list[FlagstoneError] = []
        for name, value in values.items():
            known = loaded.get(name)
            if known is not None and known.token is _IMMUTABLE and known.value is value:
                own[name] = known.artifact
                continue
            try:
                encoded[name] = self._codec.encode(value, name)
            except UnpicklableArtifactException as error:
                failures.append(error)
        large = [block for one in encoded.values() for block in one.blocks]
        kept: list[Block] = []
        if large:
            kept = self._keep(large, Loaned(pair for known in loaded.values() for pair in known.token.blocks))
        for name, one in encoded.items():
            blocks, kept = tuple(kept[: len(one.blocks)]), kept[len(one.blocks) :]
            own[name] = _artifact(values[name], one, blocks, loaded.get(name))
        artifacts = pack(own, inherited, FAN_OUT if fan_out else USUAL, self._content.put)
        manifest = encode_manifest(Manifest(artifacts))
        blob = self.keep_manifest(manifest) if len(manifest) > MAX_MANIFEST else None
        return Saved(manifest, blob, tuple(failures))

    def load(
        self, artifact: Artifact, *, name: str = "", main: MainResolver | None = None, track: bool = True
    ) -> Loaded:
        """The value. Without `track` a save may not know it again, and loading costs less.

        `main` finds by name what was pickled by reference to `__main__` and is not in this process's `__main__`.

        Raises UnreadableArtifact, CorruptBlob; `name` is for their messages.
        """
        what = name or f"an artifact of type {artifact.type}"
        body = self.body(artifact, what)
        blocks = [self._content.open(block, what) for block in artifact.buffers]
        value = self._codec.decode(Encoded(artifact.serializer, body, blocks), what, main)
        if _is_immutable(value):
            return Loaded(value, artifact, _IMMUTABLE)
        if not track:
            return Loaded(value, artifact, Token())
        token = Token(tuple(zip(blocks, artifact.buffers, strict=True)))
        if artifact.serializer not in _STEADY and not reducers.is_steady(value):
            token = token._replace(fingerprint=self._fingerprint(value, Loaned(token.blocks)))
        return Loaded(value, artifact, token)

    def load_riding(self, bodies: Sequence[bytes]) -> list[Any]:
        """The values of the bodies of `Riding` artifacts, quickly. Raises UnreadableArtifact, which names none."""
        return self._codec.decode_pickles(bodies)

    def body(self, artifact: Artifact, what: str = "an artifact") -> bytes:
        """The body as it is stored; loads nothing. Raises CorruptBlob."""
        if artifact.body is not None:
            return artifact.body
        blob = artifact.blob or BlobRef(b"", 0)
        return bytes(self._content.read(blob, what, artifact.offset, artifact.length))

    def adopt(self, stored: Mapping[str, Stored], inherited: Mapping[str, Raw]) -> bytes:
        """An encoded manifest of values that another system serialised, and of what is `inherited`.

        Everything is durable when this returns. Raises StorageFull, UnusableHome.
        """
        own = {name: self._adopted(one) for name, one in stored.items()}
        return encode_manifest(Manifest(pack(own, inherited, USUAL, self._content.put)))

    def _adopted(self, one: Stored) -> Artifact:
        size = len(one.body)
        digest = _digest(Encoded(one.serializer, one.body), ())
        artifact = Artifact(one.serializer, one.type, size, one.preview, digest, body=one.body)
        if size <= USUAL.value:
            return artifact
        return replace(artifact, body=None, blob=self._content.put([one.body]), offset=0, length=size)

    def keep_manifest(self, encoded: bytes) -> BlobRef:
        """Store a manifest that is too large to ride along. Raises StorageFull, UnusableHome."""
        return self._content.put([encoded], compressible=False)

    def same_value(self, one: Artifact, other: Artifact) -> bool:
        """Whether two artifacts hold equal values: by digest, else by comparing what they hold."""
        if one.digest == other.digest:
            return True
        if one.type != other.type:
            return False
        return equal(self.load(one, track=False).value, self.load(other, track=False).value)

    def save_items(self, variable: str, items: Iterable[Any]) -> Split:
        """Store the elements of a foreach, each encoded as it comes.

        Raises UnpicklableArtifactException, StorageFull, UnusableHome.
        """
        split, stored = pages.paginate(variable, items, self._entry)
        if split.offsets[-1] <= MAX_SPLIT:
            return Split(split.variable, split.count, split.page_size, split.offsets, body=b"".join(stored))
        blob = self._content.put(stored, compressible=False)
        return Split(split.variable, split.count, split.page_size, split.offsets, blob=blob)

    def load_item(self, item: Item) -> Any:
        """One element of a foreach. Raises UnreadableArtifact, CorruptBlob."""
        what = f"{item.variable}[{item.index}]"
        blob = item.blob or BlobRef(b"", 0)
        page: bytes | memoryview | None = item.body
        if page is None:
            page = self._content.read_range(blob, what, item.offset, item.length)
        entry = pages.entry(page, item.place)
        if entry is None:
            raise CorruptBlob(what=what, digest=to_hex(blob.digest)[:16], problem="does not hold what was stored")
        if isinstance(entry, Artifact):
            return self.load(entry, name=what, track=False).value
        return self._codec.decode(Encoded("pickle", entry), what)

    def read_manifest(self, blob: BlobRef) -> bytes:
        """A manifest that was too large to ride along. Raises CorruptBlob."""
        ref = blob if blob.size else self._content.sized(blob.digest, _MANIFEST)
        return bytes(self._content.read(ref, _MANIFEST))

    def _entry(self, item: Any, name: str) -> pages.Entry:
        encoded = self._codec.encode(item, name)
        if encoded.serializer == "pickle" and encoded.size < _LARGE_ITEM:
            return encoded.body
        artifact = _artifact(item, encoded, tuple(self._keep(encoded.blocks, Loaned(()))), None)
        packed = pack({name: artifact}, {}, USUAL, self._content.put)
        return Manifest(packed).artifact(name) or artifact

    def _keep(self, blocks: Sequence[memoryview], loaned: Loaned) -> list[Block]:
        def keep(block: memoryview) -> Block:
            return loaned.unchanged(block, self._content) or self._content.keep(block)

        return each(keep, blocks, 0 if sum(block.nbytes for block in blocks) >= _THREADED_FROM else 1)

    def _fingerprint(self, value: Any, loaned: Loaned) -> bytes:
        """The digest that `value` would have if it were saved now; empty when that cannot be told."""
        try:
            encoded = self._codec.encode(value, "")
        except UnpicklableArtifactException:
            return b""
        blocks = (loaned.find(block) or self._content.name(block) for block in encoded.blocks)
        return _digest(encoded, tuple(blocks))


def _artifact(value: Any, encoded: Encoded, blocks: tuple[Block, ...], known: Loaded | None) -> Artifact:
    """The artifact of a value whose blocks are stored; the one it was loaded as when it was not changed since."""
    digest = _digest(encoded, blocks)
    if known is not None and digest in (known.artifact.digest, known.token.fingerprint):
        return known.artifact
    return Artifact(
        encoded.serializer,
        type_name(type(value)),
        encoded.size,
        preview(value, encoded.size),
        digest,
        body=encoded.body,
        buffers=blocks,
    )


def _digest(encoded: Encoded, blocks: tuple[Block, ...]) -> bytes:
    header = f"{encoded.serializer}\0{len(encoded.body)}\0".encode()
    if not blocks:
        return digest_all((header, encoded.body))
    return digest_all((header, encoded.body, *(ref.digest for block in blocks for ref in block)))


def _is_immutable(value: Any) -> bool:
    if type(value) is tuple:
        return all(map(_is_immutable, value))
    return type(value) in ATOMS or type(value) is bytes
