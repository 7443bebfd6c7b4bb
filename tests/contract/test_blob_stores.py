"""Every blob store and every layer keeps the contract that third parties' stores are held to."""

from pathlib import Path

import pytest

from flagstone.ports.blob_store import BlobStore
from flagstone.store.backends.directory import DirectoryBlobStore
from flagstone.store.backends.memory import MemoryBlobStore
from flagstone.store.layers.cached import CachedBlobStore
from flagstone.store.layers.retrying import RetryingBlobStore
from flagstone.store.registry import open_store
from flagstone.testing.blob_store import BlobStoreContract
from tests.radosgw import Radosgw


class TestDirectory(BlobStoreContract):
    def create(self, folder: Path) -> BlobStore:
        return DirectoryBlobStore(folder / "blobs", folder / "tmp")


class TestMemory(BlobStoreContract):
    def create(self, folder: Path) -> BlobStore:
        del folder
        return MemoryBlobStore()


class TestS3(BlobStoreContract):
    @pytest.fixture(autouse=True)
    def _server(self, s3_server: Radosgw) -> None:
        self.server = s3_server

    def create(self, folder: Path) -> BlobStore:
        del folder
        return open_store(f"s3://{self.server.bucket()}/team/of ours", self.server.environment)


class TestRetried(BlobStoreContract):
    def create(self, folder: Path) -> BlobStore:
        del folder
        return RetryingBlobStore(MemoryBlobStore(), patience=1.0)


class TestCached(BlobStoreContract):
    def create(self, folder: Path) -> BlobStore:
        return CachedBlobStore(MemoryBlobStore(), folder / "cache", limit=1 << 30, intact=lambda _key, _data: True)


class TestSharedDirectory(BlobStoreContract):
    def create(self, folder: Path) -> BlobStore:
        return open_store(f"file://{folder}/shared", {})
