"""Both blob stores keep the contract that third parties' stores are held to."""

from pathlib import Path

from flagstone.ports.blob_store import BlobStore
from flagstone.store.backends.directory import DirectoryBlobStore
from flagstone.store.backends.memory import MemoryBlobStore
from flagstone.testing.blob_store import BlobStoreContract


class TestDirectory(BlobStoreContract):
    def create(self, folder: Path) -> BlobStore:
        return DirectoryBlobStore(folder / "blobs", folder / "tmp")


class TestMemory(BlobStoreContract):
    def create(self, folder: Path) -> BlobStore:
        del folder
        return MemoryBlobStore()
