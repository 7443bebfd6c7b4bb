"""From a file or a text to the value of a config."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flagstone.dsl.config_reading import Given, Sources, read_config
from flagstone.dsl.config_value import ConfigValue
from flagstone.dsl.configs import Config, spec_of
from flagstone.model.errors import InvalidConfig

SCALARS = st.booleans() | st.integers() | st.text(max_size=6)
DATA = st.dictionaries(
    st.from_regex(r"[a-z]{1,6}", fullmatch=True), SCALARS | st.lists(SCALARS, max_size=3), max_size=4
)


def value(config: Config, given: Given | None = None, folder: Path | str = "") -> Any:
    spec = spec_of(config)
    return read_config(spec, Sources({} if given is None else {spec.name: given}, folder=str(folder)))


@given(data=DATA)
def test_any_mapping_comes_out_of_its_json(data: dict[str, Any]) -> None:
    text = json.dumps(data)

    assert value(Config("c", default_value=text)) == data
    assert value(Config("c", default_value=data)) == data
    assert value(Config("c"), Given("--config-value", value=text)) == data
    assert value(Config("c", parser=tomllib.loads), Given("--config-value", value=text)) == data


@pytest.mark.parametrize(
    ("name", "text"), [("c.json", '{"a": {"b": 1}}'), ("c.toml", "[a]\nb = 1"), ("c.yaml", "a: {b: 1}")]
)
def test_a_file_is_read_by_its_suffix(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)

    found = value(Config("c"), Given("--config", file=str(tmp_path / name)))

    assert type(found) is ConfigValue
    assert found.a.b == 1


def test_the_parser_of_the_config_comes_before_the_suffix(tmp_path: Path) -> None:
    (tmp_path / "c.json").write_text("x=1\ny=2")

    found = value(
        Config("c", default=tmp_path / "c.json", parser=lambda text: dict(line.split("=") for line in text.split("\n")))
    )

    assert found == {"x": "1", "y": "2"}


def test_a_default_file_is_looked_for_here_and_then_beside_the_flow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, beside = tmp_path / "here", tmp_path / "beside"
    here.mkdir()
    beside.mkdir()
    monkeypatch.chdir(here)
    (beside / "c.json").write_text('{"from": "beside"}')

    assert value(Config("c", default="c.json"), folder=beside) == {"from": "beside"}
    (here / "c.json").write_text('{"from": "here"}')
    assert value(Config("c", default="c.json"), folder=beside) == {"from": "here"}


def test_defaults_may_be_functions_of_the_context_or_of_nothing(tmp_path: Path) -> None:
    (tmp_path / "c.json").write_text("{}")

    assert value(Config("c", default=lambda: tmp_path / "c.json")) == {}
    assert value(Config("c", default_value=lambda context: {"name": context.parameter_name})) == {"name": "c"}
    assert value(Config("c", default=lambda: None)) is None
    with pytest.raises(InvalidConfig, match="function of its default raised ZeroDivisionError"):
        value(Config("c", default=lambda: 1 // 0))


def test_without_a_default_there_is_none_unless_it_is_required() -> None:
    assert value(Config("c")) is None
    with pytest.raises(InvalidConfig, match="--config c FILE or --config-value c JSON"):
        value(Config("c", required=True))


def test_a_plain_config_is_what_the_parser_gives_or_the_text() -> None:
    assert value(Config("c", plain=True, default_value="3")) == "3"
    assert value(Config("c", plain=True, parser=int, default_value="3")) == 3
    assert value(Config("c", plain=True, default_value=[1])) == [1]
    assert value(Config("c", plain=True), Given("--config-value", value="as it is")) == "as it is"


def test_what_is_wrong_is_told_with_the_file_and_the_line_of_the_config(tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text("{oops")
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "list.json").write_text("[1]")
    problems = {
        "missing.json": "there is no file .*missing.json",
        "bad.json": "bad.json .* is not JSON",
        "binary": "not UTF-8 text",
        "list.json": "of type list, and a mapping is expected",
        ".": "Is a directory",
    }

    for name, problem in problems.items():
        with pytest.raises(InvalidConfig, match=problem) as caught:
            value(Config("c"), Given("--config", file=str(tmp_path / name)))
        assert caught.value.where is not None
        assert caught.value.where.file == __file__
        assert caught.value.exit_status == 2


def test_a_parser_that_fails_is_named() -> None:
    with pytest.raises(InvalidConfig, match="loads raised TOMLDecodeError"):
        value(Config("c", parser="tomllib.loads", default_value="= 1"))
