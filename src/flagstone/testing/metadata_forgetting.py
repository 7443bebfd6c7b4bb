"""What every metadata store must do when a run is forgotten: a part of `MetadataStoreContract`."""

import pytest

from flagstone.model.errors import WriteConflict
from flagstone.model.events import RunEnded
from flagstone.model.ids import RunId
from flagstone.model.records import RunQuery, TaskQuery
from flagstone.model.states import State
from flagstone.ports.metadata_store import MetadataStore
from flagstone.testing.samples import ended, new_run


class ForgettingContract:
    """The tests; whoever derives gives the fixture `store`."""

    def test_a_run_that_is_forgotten_is_gone_and_its_number_is_not_given_again(self, store: MetadataStore) -> None:
        first, second = store.begin_run(new_run(tags=("mine",), parameters={"alpha": "3"})), store.begin_run(new_run())
        for run in (first, second):
            store.append(run, [ended(1), RunEnded(time=30.0, run=run, state=State.SUCCEEDED)])

        store.forget(second)
        store.forget(RunId("Tidal", 99))

        assert store.run(second) is None
        assert list(store.tasks(second, TaskQuery())) == []
        assert store.count_tasks(second) == {}
        assert [task.manifest for task in store.tasks(first, TaskQuery(with_manifests=True))] == [ended(1).manifest]
        assert store.begin_run(new_run()) == RunId("Tidal", 3)

    def test_a_flow_without_runs_left_is_no_flow(self, store: MetadataStore) -> None:
        run = store.begin_run(new_run(tags=("mine",)))
        store.append(run, [RunEnded(time=30.0, run=run, state=State.FAILED)])

        store.forget(run)

        assert store.flows() == []
        assert store.runs(RunQuery(tags=("mine",))) == []

    def test_a_run_that_runs_is_not_forgotten(self, store: MetadataStore) -> None:
        run = store.begin_run(new_run())

        with pytest.raises(WriteConflict):
            store.forget(run)

        assert store.run(run) is not None
