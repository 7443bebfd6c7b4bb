"""Included files: what is read, and what is refused."""

from pathlib import Path

import pytest

from flagstone.dsl.includes import IncludeFile
from flagstone.dsl.parameters import ParameterContext
from flagstone.model.errors import InvalidParameter

CONTEXT = ParameterContext("F", "ann", "p", print)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "data.csv"
    path.write_text("a,b\n1,ü\n", "utf-8")
    return path


def test_text_bytes_or_what_a_parser_makes_of_it(data: Path) -> None:
    assert IncludeFile("p").check(str(data)) == "a,b\n1,ü\n"
    assert IncludeFile("p", is_text=False).check(data) == data.read_bytes()
    assert IncludeFile("p", parser=str.splitlines).check(data) == ["a,b", "1,ü"]
    assert IncludeFile("p", is_text=False, parser="builtins.len").check(data) == 9
    assert IncludeFile("p", encoding="latin-1").check(data) == "a,b\n1,Ã¼\n"


def test_the_default_is_a_path_or_a_function_that_gives_one(data: Path) -> None:
    assert IncludeFile("p", default=str(data)).resolve(CONTEXT) == "a,b\n1,ü\n"
    assert IncludeFile("p", default=lambda context: data).resolve(CONTEXT) == "a,b\n1,ü\n"
    assert IncludeFile("p").resolve(CONTEXT) is None
    assert IncludeFile("p", default=data).default_text() == str(data)
    with pytest.raises(InvalidParameter, match="--p VALUE"):
        IncludeFile("p", required=True).resolve(CONTEXT)


def test_home_is_understood(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(data.parent))

    assert IncludeFile("p").check("~/data.csv").startswith("a,b")


def test_a_run_is_known_by_the_path_and_the_content(data: Path) -> None:
    include = IncludeFile("p", default=data)
    first = include.recorded(include.resolve(CONTEXT), None)
    data.write_text("other")

    second = include.recorded(include.resolve(CONTEXT), None)

    assert first.startswith(f"{data} blake3:")
    assert second.startswith(f"{data} blake3:")
    assert first != second


def test_what_cannot_be_read_is_refused_when_the_command_line_is_understood(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe")

    with pytest.raises(InvalidParameter, match=r"the file .*nowhere cannot be read: No such file"):
        IncludeFile("p").parse(str(tmp_path / "nowhere"))
    with pytest.raises(InvalidParameter, match="Is a directory"):
        IncludeFile("p").parse(str(tmp_path))
    with pytest.raises(InvalidParameter, match="is_text=False"):
        IncludeFile("p").check(tmp_path / "binary")
    with pytest.raises(InvalidParameter, match="loads raised JSONDecodeError"):
        IncludeFile("p", is_text=False, parser="json.loads").check(__file__)
    with pytest.raises(InvalidParameter, match="a path is expected"):
        IncludeFile("p").check(3)


@pytest.mark.parametrize("url", ["s3://bucket/key", "gs://b/k", "https://example.org/x", "azure://c/b"])
def test_what_is_not_on_this_machine_is_refused_with_a_way_out(url: str) -> None:
    with pytest.raises(InvalidParameter, match=r"is not on this machine.*Download it first"):
        IncludeFile("p").parse(url)
