"""`self.merge_artifacts`: which artifacts of the inputs a join takes over, and what stands in the way."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from msgspec import Raw

from flagstone.dsl.complaint import user_location
from flagstone.dsl.inputs import Inputs
from flagstone.kit.text import listed
from flagstone.model.artifacts import decode_artifact
from flagstone.model.errors import (
    MergeError,
    MissingInMergeArtifactsException,
    UnhandledInMergeArtifactsException,
)

if TYPE_CHECKING:  # only named in annotations: a command line starts without them
    from flagstone.ports.artifact_store import ArtifactStore


def merge(
    inputs: Inputs,
    store: ArtifactStore,
    there: Collection[str],
    exclude: Sequence[str] | None,
    include: Sequence[str] | None,
) -> dict[str, Raw]:
    """The artifacts to take over by reference: all of them or, when some differ, none.

    `there` are the names that the step has set already: they are not looked at. Raises MergeError,
    MissingInMergeArtifactsException, UnhandledInMergeArtifactsException.
    """
    if exclude and include:
        raise MergeError(problem="merge_artifacts takes exclude= or include=, not both", where=user_location())
    if not isinstance(inputs, Inputs):
        raise MergeError(problem="merge_artifacts takes the inputs of a join", where=user_location())
    merged: dict[str, Raw] = {}
    differ: set[str] = set()
    for _, raws in inputs.raws():
        for name, raw in raws.items():
            if name in there or name in differ or name in (exclude or ()) or (include and name not in include):
                continue
            known = merged.setdefault(name, raw)
            alike = known is raw or bytes(known) == bytes(raw)
            if not alike and not store.same_value(decode_artifact(known), decode_artifact(raw)):
                differ.add(name)
    missing = sorted(name for name in include or () if name not in merged and name not in there)
    if missing:
        raise MissingInMergeArtifactsException(artifacts=missing, names=listed(missing), where=user_location())
    if differ:
        names = sorted(differ)
        raise UnhandledInMergeArtifactsException(artifacts=names, names=listed(names), where=user_location())
    return merged
