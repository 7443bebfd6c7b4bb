"""A ConfigValue is a dict with attributes that nobody changes, all the way down."""

import copy
import json
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flagstone.dsl.config_value import ConfigValue

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
)
MAPPINGS = st.dictionaries(st.text(max_size=5), JSON, max_size=4)


def test_keys_are_attributes_at_every_depth() -> None:
    config = ConfigValue({"train": {"epochs": 7}, "stages": [{"name": "a"}], "pair": ({"x": 1},)})

    assert config.train.epochs == config["train"]["epochs"] == 7
    assert config.stages[0].name == "a"
    assert config.pair[0].x == 1
    assert "train" in dir(config)


@given(data=MAPPINGS)
def test_it_is_equal_to_what_it_was_made_of_and_gives_it_back_as_plain_dicts(data: dict[str, Any]) -> None:
    config = ConfigValue(data)

    assert config == data
    assert config.to_dict() == data
    assert "ConfigValue" not in repr([type(value) for value in config.to_dict().values()])
    assert json.loads(json.dumps(config)) == data


@given(data=MAPPINGS)
def test_it_survives_pickling_and_copying(data: dict[str, Any]) -> None:
    config = ConfigValue(data)

    for other in (pickle.loads(pickle.dumps(config)), copy.deepcopy(config)):
        assert type(other) is ConfigValue
        assert other == config


def test_every_write_is_refused() -> None:
    config = ConfigValue({"a": {"b": 1}})

    def set_item() -> None:
        config["a"] = 2

    def delete_item() -> None:
        del config.a["b"]

    def set_attribute() -> None:
        config.a.b = 2

    for write in (
        set_item,
        delete_item,
        set_attribute,
        config.clear,
        lambda: config.update(a=1),
        lambda: config.pop("a"),
    ):
        with pytest.raises(TypeError, match="cannot be changed: to_dict"):
            write()
    assert config == {"a": {"b": 1}}


def test_it_is_unpacked_like_any_mapping() -> None:
    assert dict(**ConfigValue({"a": 1, "b": 2})) == {"a": 1, "b": 2}
    assert {**ConfigValue({"a": 1})} == {"a": 1}


def test_a_missing_key_is_told_with_those_that_are_there() -> None:
    with pytest.raises(AttributeError, match="no 'epoch' in this config: it has epochs, rate"):
        _ = ConfigValue({"epochs": 1, "rate": 2}).epoch
