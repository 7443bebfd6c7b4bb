"""The parsers that come with Flagstone: YAML, and files in which projects list their packages."""

import sys
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flagstone.dsl.config_parsers import (
    conda_environment_yml_parser,
    parser_called,
    parser_for,
    pyproject_toml_parser,
    requirements_txt_parser,
    yaml_parser,
)
from flagstone.dsl.configs import ConfigSpec
from flagstone.model.errors import InvalidConfig, MissingExtra

NAMES = st.from_regex(r"[a-z][a-z0-9]{0,8}", fullmatch=True).filter(lambda name: name != "python")
VERSIONS = st.from_regex(r"[0-9]{1,2}(\.[0-9]{1,2}){0,2}", fullmatch=True)
PACKAGES = st.dictionaries(NAMES, VERSIONS, max_size=5)


def test_yaml_is_read() -> None:
    assert yaml_parser("a: [1, 2]\nb: {c: x}\n") == {"a": [1, 2], "b": {"c": "x"}}


def test_without_pyyaml_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)

    with pytest.raises(MissingExtra, match=r"ip install 'flagstone\[yaml\]'"):
        yaml_parser("a: 1")


def test_a_requirements_file_is_read() -> None:
    text = "# ours\npandas == 2.1  # tables\nnumpy>=1.2, <3\nrequests\nscipy[all]==1.0\npython==3.12\n\n"

    assert requirements_txt_parser(text) == {
        "packages": {"pandas": "2.1", "numpy": ">=1.2,<3", "requests": "", "scipy[all]": "1.0"},
        "python": "3.12",
    }


@pytest.mark.parametrize(
    "line",
    ["-r other.txt", "--index x", "pkg @ file:///x", "./local", "a; python_version < '3'", "a b", "git+https://x"],
)
def test_what_is_not_a_package_and_a_version_is_refused_with_its_line(line: str) -> None:
    with pytest.raises(ValueError, match="line 2"):
        requirements_txt_parser(f"numpy\n{line}\n")


@given(packages=PACKAGES)
def test_every_format_gives_the_same_packages(packages: dict[str, str]) -> None:
    listed = [f"{name}=={version}" for name, version in packages.items()]
    quoted = ", ".join(f'"{line}"' for line in listed)
    conda = "dependencies:\n" + "".join(f"  - {name}={version}\n" for name, version in packages.items())

    assert requirements_txt_parser("\n".join(listed)) == {"packages": packages}
    assert pyproject_toml_parser(f"[project]\ndependencies = [{quoted}]") == {"packages": packages}
    assert conda_environment_yml_parser(conda) == {"packages": packages}


def test_python_is_told_apart() -> None:
    conda = "dependencies: [python=3.11, 'conda-forge::numpy>=1.2']"

    assert pyproject_toml_parser("[project]\nrequires-python='>=3.11'") == {"packages": {}, "python": ">=3.11"}
    assert conda_environment_yml_parser(conda) == {"packages": {"numpy": ">=1.2"}, "python": "3.11"}


@pytest.mark.parametrize(
    ("parser", "text", "problem"),
    [
        (pyproject_toml_parser, "[tool.x]", r"no \[project\] table"),
        (conda_environment_yml_parser, "dependencies: [{pip: [x]}]", "pip section"),
    ],
)
def test_what_a_file_lacks_is_said(parser: Callable[[str], Any], text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        parser(text)


def test_a_parser_is_found_by_its_name() -> None:
    spec = ConfigSpec("c", None)

    assert parser_called("yaml_parser", spec) is yaml_parser
    assert parser_called(".plugins.parsers.yaml_parser", spec) is yaml_parser
    assert parser_called("flagstone.yaml_parser", spec) is yaml_parser
    assert parser_called("json.loads", spec)("[1]") == [1]
    assert parser_called(len, spec) is len


@pytest.mark.parametrize("name", ["nowhere.at_all", "json.nothing", "loads", "json.__name__", "..x"])
def test_a_name_that_leads_to_no_function_is_refused(name: str) -> None:
    with pytest.raises(InvalidConfig, match="parser="):
        parser_called(name, ConfigSpec("c", None))


def test_a_suffix_names_a_parser() -> None:
    toml, yaml = parser_for("conf/a.TOML"), parser_for("b.yml")

    assert toml is not None
    assert toml("a = 1") == {"a": 1}
    assert yaml is yaml_parser
    assert parser_for("c.json") is None
    assert parser_for("c") is None
