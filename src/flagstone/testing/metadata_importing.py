"""What every metadata store must do with runs that took place elsewhere: a part of `MetadataStoreContract`."""

from typing import Any

import pytest

from flagstone.model.errors import WriteConflict
from flagstone.model.events import RunEnded
from flagstone.model.ids import RunId
from flagstone.model.records import RunQuery, TaskQuery
from flagstone.model.states import State
from flagstone.ports.metadata_store import MetadataStore
from flagstone.testing.samples import ended, new_run


class ImportingContract:
    """The tests; whoever derives gives the fixture `store`."""

    def test_a_run_from_elsewhere_is_recorded_whole(self, store: MetadataStore) -> None:
        told: list[RunId] = []

        def tell(run: RunId) -> list[Any]:
            told.append(run)
            return [ended(1), ended(2, "end", state=State.FAILED), RunEnded(time=30.0, run=run, state=State.FAILED)]

        run = store.import_run(new_run(tags=("old",), origin=RunId("Tidal", 7)), tell)

        record = store.run(run)
        assert told == [run] == [RunId("Tidal", 1)]
        assert record is not None
        assert (record.state, record.finished, record.tags) == (State.FAILED, 30.0, ("old",))
        assert [task.id.number for task in store.tasks(run, TaskQuery())] == [1, 2]
        with pytest.raises(WriteConflict):
            store.append(run, [ended(3)])

    def test_a_run_from_elsewhere_that_breaks_off_leaves_nothing(self, store: MetadataStore) -> None:
        def tell(run: RunId) -> list[Any]:
            raise OSError(f"the disk of {run} is gone")

        with pytest.raises(OSError, match="is gone"):
            store.import_run(new_run(), tell)

        assert store.runs(RunQuery()) == []
        assert store.begin_run(new_run()) == RunId("Tidal", 1)

    def test_runs_from_elsewhere_take_their_place_in_time(self, store: MetadataStore) -> None:
        store.begin_run(new_run(created=500.0))
        store.begin_run(new_run("Solar", created=600.0))

        for created in (100.0, 200.0, 700.0, 300.0):
            store.import_run(new_run(created=created), lambda run: [RunEnded(time=1e9, run=run, state=State.SUCCEEDED)])

        times = [record.created for record in store.runs(RunQuery(flow="Tidal"))]
        assert times == [700.0, 500.0, 300.0, 200.0, 100.0]
        assert [record.id.number for record in store.runs(RunQuery(flow="Tidal", limit=1))] == [4]
        assert store.flows() == ["Tidal", "Solar"]
