"""What a config is while its class is being defined: it can be passed on and reached into, and nothing else."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flagstone.dsl.config_value import ConfigValue
from flagstone.dsl.configs import Config
from flagstone.dsl.delayed import config_expr, resolve
from flagstone.dsl.delaying import holds_delayed
from flagstone.model.errors import InvalidConfig, InvalidName, TooEarly

HERE = 5  # a global that expressions see


def known(**values: Any) -> dict[str, Any]:
    return {name: ConfigValue(value) if isinstance(value, dict) else value for name, value in values.items()}


def test_a_chain_is_followed_once_the_value_is_known() -> None:
    cfg: Any = Config("cfg")
    names = known(cfg={"train": {"epochs": [3, 4]}, "name": "x"})

    assert resolve(cfg.train.epochs[1], names) == 4
    assert resolve(cfg["train"]["epochs"], names) == [3, 4]
    assert resolve(cfg.get("missing", 9), names) == 9
    assert resolve(cfg.name, names) == "x", "keys come before the attributes of Config"
    assert resolve(cfg, names) == {"train": {"epochs": [3, 4]}, "name": "x"}
    assert type(resolve(cfg.train, names)) is dict


def test_an_expression_sees_configs_and_the_globals_of_its_file() -> None:
    names = known(cfg={"n": 2, "items": [1, 2]})

    assert resolve(config_expr("cfg.n * HERE"), names) == 10
    assert resolve(config_expr("[item * cfg.n for item in cfg['items']]"), names) == [2, 4]
    assert resolve(config_expr("cfg").n, names) == 2


def test_values_inside_of_collections_are_replaced() -> None:
    cfg: Any = Config("cfg")
    nested = {"a": [cfg.x, (cfg.x,)], cfg.key: 1, "same": "kept"}

    assert holds_delayed(nested)
    assert resolve(nested, known(cfg={"x": 7, "key": "k"})) == {"a": [7, (7,)], "k": 1, "same": "kept"}


def test_two_stars_unpack_a_config_into_a_call_or_a_dict() -> None:
    cfg: Any = Config("cfg")

    def caught(**arguments: Any) -> dict[str, Any]:
        return arguments

    names = known(cfg={"a": {"x": 1}, "b": {"y": 2}})
    assert resolve(caught(**cfg.a, **cfg.b, z=3), names) == {"x": 1, "y": 2, "z": 3}
    assert resolve({**config_expr("cfg.a"), "x": 5}, names) == {"x": 5}
    with pytest.raises(InvalidConfig, match="needs a mapping"):
        resolve(caught(**cfg.a.x), names)


@given(
    value=st.recursive(
        st.integers() | st.text(max_size=3),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
        max_leaves=8,
    )
)
def test_what_holds_nothing_delayed_stays_as_it_is(value: Any) -> None:
    assert not holds_delayed(value)
    assert resolve(value, {}) == value


@pytest.mark.parametrize(
    "look",
    [
        bool,
        str,
        len,
        int,
        list,
        lambda value: f"{value}",
        lambda value: value == 3,
        lambda value: value < 3,
        lambda value: value + 1,
        lambda value: 2 * value,
        lambda value: 3 in value,
        lambda value: "x" + value,
    ],
)
def test_every_look_at_the_value_is_too_early(look: Callable[[Any], Any]) -> None:
    cfg: Any = Config("cfg")

    with pytest.raises(TooEarly, match=r"cfg.train.epochs is known when the flow starts") as caught:
        look(cfg.train.epochs)

    assert caught.value.where is not None
    assert caught.value.where.file == __file__
    assert isinstance(caught.value, TypeError)


def test_what_is_not_there_is_told_with_what_is() -> None:
    cfg: Any = Config("cfg")

    with pytest.raises(InvalidConfig, match=r"cfg\.train\.epoch\.deep: after cfg\.train: .*it has epochs") as caught:
        resolve(cfg.train.epoch.deep, known(cfg={"train": {"epochs": 1}}))

    assert caught.value.where is not None
    assert caught.value.where.file == __file__


def test_a_config_of_another_flow_and_an_expression_that_fails_are_told() -> None:
    with pytest.raises(InvalidConfig, match="this flow has no config 'cfg'"):
        resolve(Config("cfg"), {})
    with pytest.raises(InvalidConfig, match="ZeroDivisionError"):
        resolve(config_expr("1 / 0"), {})
    with pytest.raises(InvalidConfig, match="not a Python expression: invalid syntax"):
        config_expr("cfg.a +")


@pytest.mark.parametrize("name", ["two words", "", "-x", "1"])
def test_a_config_has_a_name_that_can_be_typed(name: str) -> None:
    with pytest.raises(InvalidName, match="a name is a word"):
        Config(name)


def test_two_defaults_and_a_parser_that_is_none_are_refused() -> None:
    with pytest.raises(InvalidConfig, match="a default and a default_value"):
        Config("c", default="f", default_value={})
    with pytest.raises(InvalidConfig, match="parser=3"):
        Config("c", parser=3)  # type: ignore[arg-type]  # what the test is about
