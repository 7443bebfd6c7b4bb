"""What every metadata store must do with several attempts at a task: the part of its contract that is about them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flagstone.model.records import TaskQuery
from flagstone.model.states import State
from flagstone.ports.metadata_store import MetadataStore
from flagstone.testing.samples import ended, new_run, started


class AttemptsContract:
    """A store that is made anew for each test; `MetadataStoreContract` derives from this."""

    @pytest.fixture
    def place(self, tmp_path: Path) -> Path:
        """An empty directory for the store."""
        return tmp_path

    def new_store(self, place: Path) -> MetadataStore:
        """A store that keeps what it must keep below `place`."""
        raise NotImplementedError

    @pytest.fixture
    def store(self, place: Path) -> Iterator[MetadataStore]:
        """The store under test."""
        store = self.new_store(place)
        yield store
        store.close()

    def test_older_attempts_are_kept_and_read_when_they_are_asked_for(self, store: MetadataStore) -> None:
        run = store.begin_run(new_run())
        store.append(run, [started(1), ended(1, state=State.FAILED, label="first", will_retry=True)])
        store.append(run, [started(1, attempt=1), ended(1, attempt=1, state=State.FAILED, will_retry=True)])
        store.append(run, [started(1, attempt=2), ended(1, attempt=2), started(2, "work", path=(4,))])

        def found(**conditions: Any) -> list[tuple[int, int]]:
            return [(task.id.number, task.attempt) for task in store.tasks(run, TaskQuery(**conditions))]

        everything = [(1, 0), (1, 1), (1, 2), (2, 0)]
        assert found() == [(1, 2), (2, 0)]
        assert found(every_attempt=True) == everything
        assert found(every_attempt=True, newest_first=True) == everything[::-1]
        assert found(every_attempt=True, numbers=(1,)) == everything[:3]
        assert found(every_attempt=True, step="work") == [(2, 0)]
        assert found(every_attempt=True, states=(State.FAILED,)) == [(1, 0), (1, 1)]
        assert found(every_attempt=True, limit=2, offset=1) == everything[1:3]
        assert found(attempt=0) == [(1, 0), (2, 0)]
        assert found(attempt=1) == [(1, 1)]
        assert found(attempt=0, path=(4,)) == [(2, 0)]
        assert found(attempt=7) == []
        [first] = store.tasks(run, TaskQuery(numbers=(1,), attempt=0, with_manifests=True))
        assert (first.label, first.state, first.manifest) == ("first", State.FAILED, ended(1).manifest)

    def test_many_attempts_come_in_slices_without_a_gap(self, store: MetadataStore) -> None:
        run = store.begin_run(new_run())
        everything = [(number, attempt) for number in range(1, 351) for attempt in range(3)]
        store.append(run, [ended(number, attempt=attempt) for number, attempt in everything])

        def found(**conditions: Any) -> list[tuple[int, int]]:
            query = TaskQuery(every_attempt=True, **conditions)
            return [(task.id.number, task.attempt) for task in store.tasks(run, query)]

        assert found() == everything
        assert found(newest_first=True) == everything[::-1]
