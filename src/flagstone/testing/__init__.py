"""For tests of flows and of third-party back ends: contracts for every port, and the fakes that they run on.

contract: a class of tests; bind it to an implementation by deriving from it and naming a factory. fake: a real,
documented implementation in memory, such as `MemoryBlobStore` and `MemoryMetadataStore`.
"""

from typing import TYPE_CHECKING, Any

from flagstone.kit import late

if TYPE_CHECKING:
    from flagstone.metadata.memory import MemoryMetadataStore
    from flagstone.store.backends.memory import MemoryBlobStore
    from flagstone.testing.blob_store import BlobStoreContract
    from flagstone.testing.compute import ComputeContract
    from flagstone.testing.metadata_store import MetadataStoreContract

__all__ = [
    "BlobStoreContract",
    "ComputeContract",
    "MemoryBlobStore",
    "MemoryMetadataStore",
    "MetadataStoreContract",
]

_WHERE = {
    "BlobStoreContract": "flagstone.testing.blob_store",
    "ComputeContract": "flagstone.testing.compute",
    "MemoryBlobStore": "flagstone.store.backends.memory",
    "MemoryMetadataStore": "flagstone.metadata.memory",
    "MetadataStoreContract": "flagstone.testing.metadata_store",
}


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module 'flagstone.testing' has no attribute {name!r}")
    return late.load(f"{_WHERE[name]}:{name}")
