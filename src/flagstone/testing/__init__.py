"""For tests of flows and of third-party back ends: contracts for every port, and the fakes that they run on.

run_step: one step as a function. run_flow: a whole flow in memory. fixtures: what pytest finds by itself.
contract: a class of tests; bind it to an implementation by deriving from it and naming a factory. fake: a real,
documented implementation in memory, such as `MemoryBlobStore` and `MemoryMetadataStore`.
"""

from typing import TYPE_CHECKING, Any

from flagstone.kit import late

if TYPE_CHECKING:
    from flagstone.compute.inline.backend import InlineCompute
    from flagstone.metadata.memory import MemoryMetadataStore
    from flagstone.store.backends.memory import MemoryBlobStore
    from flagstone.testing.blob_store import BlobStoreContract
    from flagstone.testing.compute import ComputeContract
    from flagstone.testing.flows import run_flow
    from flagstone.testing.metadata_store import MetadataStoreContract
    from flagstone.testing.references import ReferenceArtifactStore
    from flagstone.testing.steps import Next, StepResult, run_step

__all__ = [
    "BlobStoreContract",
    "ComputeContract",
    "InlineCompute",
    "MemoryBlobStore",
    "MemoryMetadataStore",
    "MetadataStoreContract",
    "Next",
    "ReferenceArtifactStore",
    "StepResult",
    "run_flow",
    "run_step",
]

_WHERE = {
    "BlobStoreContract": "flagstone.testing.blob_store",
    "ComputeContract": "flagstone.testing.compute",
    "InlineCompute": "flagstone.compute.inline.backend",
    "MemoryBlobStore": "flagstone.store.backends.memory",
    "MemoryMetadataStore": "flagstone.metadata.memory",
    "MetadataStoreContract": "flagstone.testing.metadata_store",
    "Next": "flagstone.testing.steps",
    "ReferenceArtifactStore": "flagstone.testing.references",
    "StepResult": "flagstone.testing.steps",
    "run_flow": "flagstone.testing.flows",
    "run_step": "flagstone.testing.steps",
}


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module 'flagstone.testing' has no attribute {name!r}")
    return late.load(f"{_WHERE[name]}:{name}")
