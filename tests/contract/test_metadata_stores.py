"""Every metadata store is held to the contract that `flagstone.testing` ships."""

import os
from pathlib import Path
from typing import Any

from flagstone.metadata.memory import MemoryMetadataStore
from flagstone.metadata.sqlite import SqliteMetadataStore
from flagstone.model.ids import RunId
from flagstone.model.records import NewRun, RunQuery
from flagstone.ports.metadata_store import MetadataStore
from flagstone.testing.metadata_store import MetadataStoreContract


class TestSqlite(MetadataStoreContract):
    """SQLite in a file."""

    def new_store(self, place: Path) -> MetadataStore:
        return SqliteMetadataStore(place / "home" / "flagstone.db", place / "home" / "locks")

    def begin_and_vanish(self, store: MetadataStore, new: NewRun, *events: Any) -> RunId:
        child = os.fork()
        if child == 0:
            store.append(store.begin_run(new), events)
            os._exit(0)
        os.waitpid(child, 0)
        return store.runs(RunQuery(flow=new.flow, limit=1))[0].id


class TestMemory(MetadataStoreContract):
    """Dictionaries."""

    def new_store(self, place: Path) -> MetadataStore:
        assert place.is_dir()
        return MemoryMetadataStore()

    def begin_and_vanish(self, store: MetadataStore, new: NewRun, *events: Any) -> RunId:
        assert isinstance(store, MemoryMetadataStore)
        run = store.begin_run(new)
        store.append(run, events)
        store.vanish(run)
        return run
