"""Artifacts as data: where each value lies, what it is, and the manifest that lists a task's artifacts."""

from typing import Literal

import msgspec
from msgspec import Raw, Struct, field


class BlobRef(Struct, frozen=True, array_like=True):
    """Bytes in the blob store: their digest and their length before compression."""

    digest: bytes
    size: int


class Artifact(Struct, frozen=True, array_like=True):
    """One stored value. Its body rides inside (`body`), or is a slice of a blob (`blob`, `offset`, `length`).

    `buffers` are the large memory blocks that the body refers to, in its order; each is the list of the blobs whose
    concatenation it is. `type`, `size` (bytes) and `preview` were written by the process that made the value, so
    that nobody unpickles to look.
    """

    serializer: str
    type: str
    size: int
    preview: str
    digest: bytes  # of serializer, body and buffers: equal digests mean equal values
    body: bytes | None = None
    blob: BlobRef | None = None
    offset: int = 0
    length: int = 0
    buffers: tuple[tuple[BlobRef, ...], ...] = ()


class Riding(Struct, array_like=True, gc=False):
    """The first fields of an `Artifact` whose body is a pickle and rides along; for who reads very many of them."""

    serializer: Literal["pickle"]
    type: Raw
    size: Raw
    preview: Raw
    digest: Raw
    body: bytes


class Manifest(Struct, frozen=True, array_like=True):
    """A task's artifacts by name, own and inherited alike, each an encoded `Artifact`, decoded when asked for."""

    artifacts: dict[str, Raw] = field(default_factory=dict)

    def artifact(self, name: str) -> Artifact | None:
        """The artifact called `name`; None when the task has none."""
        raw = self.artifacts.get(name)
        return None if raw is None else decode_artifact(raw)


_encoder = msgspec.msgpack.Encoder()
_artifact_decoder = msgspec.msgpack.Decoder(Artifact)
_manifest_decoder = msgspec.msgpack.Decoder(Manifest)


def encode_artifact(artifact: Artifact) -> Raw:
    """The form that a manifest holds."""
    return Raw(_encoder.encode(artifact))


def decode_artifact(raw: Raw | bytes) -> Artifact:
    """The inverse. Raises msgspec.DecodeError for damaged bytes."""
    return _artifact_decoder.decode(raw)


def encode_manifest(manifest: Manifest) -> bytes:
    """The bytes that are recorded."""
    return _encoder.encode(manifest)


def decode_manifest(data: bytes) -> Manifest:
    """The inverse. Raises msgspec.DecodeError for damaged bytes."""
    return _manifest_decoder.decode(data)


EMPTY_MANIFEST = encode_manifest(Manifest())


class Split(Struct, frozen=True, array_like=True):
    """What a foreach step spread out: its elements, serialised in pages of `page_size`.

    Page i is bytes `offsets[i]` to `offsets[i + 1]` of `body`, or of `blob` when the pages are too large to ride along.
    """

    variable: str
    count: int
    page_size: int
    offsets: tuple[int, ...]
    body: bytes | None = None
    blob: BlobRef | None = None

    def item(self, index: int) -> "Item":
        """Where element `index` lies."""
        page, place = divmod(index, self.page_size)
        start, end = self.offsets[page], self.offsets[page + 1]
        body = self.body[start:end] if self.body is not None else None
        return Item(self.variable, index, self.count, place, body, self.blob, start, end - start)


class Item(Struct, frozen=True, array_like=True):
    """One element of a foreach: the `place`-th of a page, which rides along or is a slice of a blob."""

    variable: str
    index: int
    count: int
    place: int
    body: bytes | None
    blob: BlobRef | None
    offset: int
    length: int
