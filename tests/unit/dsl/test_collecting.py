"""`inputs.collect` says what a loop over the inputs says, at once."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flagstone.dsl.inputs import Inputs
from flagstone.engine.spilling import SpilledInputs, spill
from flagstone.model.errors import CorruptBlob, NoSuchArtifact, UnreadableArtifact
from flagstone.model.jobs import JobInput
from flagstone.store.artifacts import Artifacts
from flagstone.store.backends.memory import MemoryBlobStore
from flagstone.store.content import Content
from flagstone.testing import ReferenceArtifactStore

MANY = 2_500  # more than two pages


def left(store: Artifacts, each: Sequence[dict[str, Any]]) -> list[JobInput]:
    """What tasks of a step `work` left behind."""
    return [
        JobInput("work", number, store.save(values, inherited={}, loaded={}).manifest)
        for number, values in enumerate(each, 2)
    ]


def inputs_of(store: Any, where: Sequence[JobInput], **constants: Any) -> Inputs:
    return Inputs(where, store, {}, constants, lambda name: name)  # type: ignore[arg-type]


@pytest.fixture
def store() -> Artifacts:
    return Artifacts(Content(MemoryBlobStore()))


def test_numbers_of_many_tasks_come_as_an_array_in_the_order_of_the_foreach(store: Artifacts, tmp_path: Path) -> None:
    spill(tmp_path / "inputs", left(store, [{"score": index / 3, "index": index} for index in range(MANY)]))
    inputs = inputs_of(store, SpilledInputs(str(tmp_path / "inputs")))

    found = inputs.collect("score", "index")

    assert found["score"].dtype == np.float64
    assert found["score"].tolist() == [one.score for one in inputs]
    assert found["index"].dtype == np.int64
    assert found["index"].tolist() == list(range(MANY))
    assert inputs.collect("index").tolist() == list(range(MANY))


def test_arrays_of_one_shape_come_as_one_array_and_others_as_a_list(store: Artifacts) -> None:
    where = left(store, [{"small": np.full(3, i), "large": np.full((50, 60), i), "odd": np.ones(i)} for i in range(4)])
    inputs = inputs_of(store, where)

    assert inputs.collect("small").shape == (4, 3)
    assert inputs.collect("large").shape == (4, 50, 60)
    assert inputs.collect("large")[3, 0, 0] == 3
    odd = inputs.collect("odd")
    assert [array.tolist() for array in odd] == [[], [1.0], [1.0, 1.0], [1.0, 1.0, 1.0]]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.none(),
            st.booleans(),
            st.integers(),
            st.floats(allow_nan=False),
            st.text(),
            st.binary(),
            st.lists(st.integers(), max_size=3),
            st.sampled_from([np.float32(1.5), np.int8(3), np.arange(3), np.arange(3) * 2, np.datetime64("2026-11-25")]),
        ),
        max_size=6,
    )
)
def test_whatever_the_values_are_they_are_those_of_the_loop(values: list[Any]) -> None:
    store = Artifacts(Content(MemoryBlobStore()))
    inputs = inputs_of(store, left(store, [{"value": value} for value in values]))

    found = inputs.collect("value")

    assert len(found) == len(values)
    for one, other in zip(found, (one_input.value for one_input in inputs), strict=True):
        assert np.array_equal(one, other)


def test_whole_numbers_that_no_array_holds_exactly_stay_a_list(store: Artifacts) -> None:
    huge = inputs_of(store, left(store, [{"value": 1 << 70}, {"value": 1}]))
    mixed = inputs_of(store, left(store, [{"value": (1 << 53) + 1}, {"value": 0.5}]))

    assert huge.collect("value") == [1 << 70, 1]
    assert mixed.collect("value") == [(1 << 53) + 1, 0.5]


def test_the_first_task_that_lacks_the_artifact_is_named(store: Artifacts) -> None:
    left_behind: list[dict[str, Any]] = [{"score": 0.5}] * MANY
    left_behind[1_500] = {"other": 1}
    left_behind[2_000] = {"other": 1}
    inputs = inputs_of(store, left(store, left_behind))

    with pytest.raises(NoSuchArtifact, match=r"'work' \(task 1502\) has no attribute 'score'"):
        inputs.collect("score")


def test_constants_of_the_flow_are_collected_as_they_are_read(store: Artifacts) -> None:
    inputs = inputs_of(store, left(store, [{"score": 1}, {"score": 2}]), rate=0.5)

    assert inputs.collect("rate").tolist() == [0.5, 0.5]


def test_a_branch_called_collect_is_still_an_input(store: Artifacts) -> None:
    where = left(store, [{"score": 7}])
    inputs = inputs_of(store, [JobInput("collect", 2, where[0].manifest)])

    assert inputs.collect.score == 7
    assert inputs.collect("score").tolist() == [7]


def test_without_numpy_a_list_comes_back(store: Artifacts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "numpy", None)

    assert inputs_of(store, left(store, [{"score": 1}, {"score": 2}])).collect("score") == [1, 2]


def test_no_inputs_give_nothing(store: Artifacts) -> None:
    assert len(inputs_of(store, []).collect("score")) == 0


def test_a_value_that_cannot_be_read_is_named_with_its_task(store: Artifacts, monkeypatch: pytest.MonkeyPatch) -> None:
    where = left(store, [{"value": 1}, {"value": np.arange(100_000)}])
    monkeypatch.setattr(MemoryBlobStore, "has", lambda *_: False)
    lost = Artifacts(Content(MemoryBlobStore()))

    with pytest.raises((CorruptBlob, UnreadableArtifact), match="value of work/3"):
        inputs_of(lost, where).collect("value")


def test_the_store_of_a_unit_test_is_collected_from_as_well() -> None:
    store = ReferenceArtifactStore()
    saved = [store.save({"score": value}, inherited={}, loaded={}).manifest for value in (1.5, 2.5)]
    where = [JobInput("work", number, manifest) for number, manifest in enumerate(saved)]

    assert inputs_of(store, where).collect("score").tolist() == [1.5, 2.5]
