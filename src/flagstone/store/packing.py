"""Which bodies ride inside a manifest, and which share one blob: a task's small values are one file at most."""

from collections.abc import Callable, Mapping, Sequence

import msgspec
from msgspec import Raw, Struct

from flagstone.model.artifacts import Artifact, BlobRef, decode_artifact, encode_artifact


class Budget(Struct, frozen=True):
    """How many bytes of bodies a manifest carries: of one value, and of all together."""

    value: int
    total: int


USUAL = Budget(value=2 << 10, total=16 << 10)
FAN_OUT = Budget(value=64, total=1 << 10)  # the manifest is inherited by every task of a foreach


def pack(
    own: Mapping[str, Artifact],
    inherited: Mapping[str, Raw],
    budget: Budget,
    put: Callable[[Sequence[bytes]], BlobRef],
) -> dict[str, Raw]:
    """Encode `own` artifacts, which have their bodies, and what is `inherited`; what is over `budget` goes to `put`.

    Inherited bodies count, and move as well where that is needed. No digest changes.
    """
    if not inherited and len(own) == 1:  # what most tasks of a foreach leave
        for name, artifact in own.items():
            if len(artifact.body or b"") <= budget.value:
                return {name: encode_artifact(artifact)}
    encoded = {name: raw for name, raw in inherited.items() if name not in own}
    bodies = {name: artifact for name, artifact in own.items() if artifact.body is not None}
    riding = sum(len(artifact.body or b"") for artifact in bodies.values())
    if budget is FAN_OUT or riding + sum(map(len, encoded.values())) > budget.total:
        for name, raw in encoded.items():
            artifact = decode_artifact(raw)
            if artifact.body is not None:
                bodies[name] = artifact
    moving = _excess({name: len(artifact.body or b"") for name, artifact in bodies.items()}, budget)
    changed = dict(own)
    if moving:
        changed |= _move({name: bodies[name] for name in moving}, put)
    encoded |= {name: encode_artifact(artifact) for name, artifact in changed.items()}
    return encoded


def _excess(sizes: Mapping[str, int], budget: Budget) -> list[str]:
    """The names of the bodies that cannot ride: each that is too large, then the largest until the rest fits."""
    moving = [name for name, size in sizes.items() if size > budget.value]
    riding = sorted((size, name) for name, size in sizes.items() if size <= budget.value)
    total = sum(size for size, _ in riding)
    while total > budget.total:
        size, name = riding.pop()
        total -= size
        moving.append(name)
    return moving


def _move(artifacts: Mapping[str, Artifact], put: Callable[[Sequence[bytes]], BlobRef]) -> dict[str, Artifact]:
    bodies = [artifact.body or b"" for artifact in artifacts.values()]
    blob = put(bodies)
    moved: dict[str, Artifact] = {}
    offset = 0
    for (name, artifact), body in zip(artifacts.items(), bodies, strict=True):
        moved[name] = msgspec.structs.replace(artifact, body=None, blob=blob, offset=offset, length=len(body))
        offset += len(body)
    return moved
