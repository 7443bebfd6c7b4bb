"""Tests of `metadata.rules`: tags, the comparison of parameters, lost runs."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flagstone.metadata import rules
from flagstone.model.errors import InvalidTag
from flagstone.model.states import State

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda values: st.lists(values, max_size=3) | st.dictionaries(st.text(max_size=5), values, max_size=3),
    max_leaves=8,
)


@given(value=JSON, spaces=st.booleans())
def test_equal_values_have_equal_keys_however_they_are_written(value: Any, spaces: bool) -> None:
    plain = json.dumps(value, sort_keys=True)
    other = json.dumps(value, indent=2 if spaces else None, ensure_ascii=not spaces)

    assert rules.parameter_key(plain) == rules.parameter_key(other)


@given(one=JSON, other=JSON)
def test_keys_are_equal_only_for_equal_values(one: Any, other: Any) -> None:
    same = rules.parameter_key(json.dumps(one)) == rules.parameter_key(json.dumps(other))

    assert same == (json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True))


@pytest.mark.parametrize(("one", "other"), [("3", "3.0"), ("NaN", "NaN"), ('"' + "é" * 300 + '"',) * 2])
def test_numbers_compare_by_value_and_odd_texts_as_they_are(one: str, other: str) -> None:
    assert rules.parameter_key(one) == rules.parameter_key(other)
    assert len(rules.parameter_key(one)) <= 200


def test_tags_keep_their_order_and_lose_repetitions() -> None:
    assert rules.checked_tags(["b", "a", "b", "s"], ["s"]) == ("b", "a")
    assert rules.changed_tags(["a", "b"], [], ["c", "a"], ["a"]) == ("b", "c", "a")


@pytest.mark.parametrize("tag", [3, None, b"x"])
def test_a_tag_is_a_text(tag: Any) -> None:
    with pytest.raises(InvalidTag, match="a tag is a text"):
        rules.checked_tags([tag], [])


def test_only_what_runs_can_be_lost() -> None:
    for state in State:
        assert rules.run_state(state, alive=True) is state
        assert rules.run_state(state, alive=False) is (State.LOST if state is State.RUNNING else state)
        assert rules.task_state(state, State.RUNNING) is state
        assert rules.task_state(state, State.FAILED) is (State.LOST if state is State.RUNNING else state)
