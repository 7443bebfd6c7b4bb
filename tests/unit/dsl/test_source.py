"""Source text: found on disk, in memory or in an archive; single lines; paths as people read them."""

import ast
from pathlib import Path

import pytest

from flagstone.dsl.source import line_of, shown, text_of
from flagstone.dsl.syntax import class_called, function_at

TEXT = """\
def top():
    def inner():
        pass

class A:
    class B:
        @deco(
            1,
        )
        def method(self):
            pass

if True:
    class C: pass
else:
    def late(): pass
"""


@pytest.mark.parametrize(
    ("line", "name"),
    [(1, "top"), (2, "inner"), (7, "method"), (16, "late"), (3, None), (5, None), (8, None), (99, None)],
)
def test_a_function_is_found_by_its_first_line(line: int, name: str | None) -> None:
    node = function_at(ast.parse(TEXT), line)

    assert (node.name if node else None) == name


@pytest.mark.parametrize(
    ("qualified", "line"), [("A", 5), ("A.B", 6), ("C", 14), ("B", None), ("top", None), ("A.B.C", None)]
)
def test_a_class_is_found_by_its_qualified_name(qualified: str, line: int | None) -> None:
    node = class_called(ast.parse(TEXT), qualified)

    assert (node.lineno if node else None) == line


def test_lines_are_counted_as_python_counts_them(tmp_path: Path) -> None:
    path = tmp_path / "odd.py"
    path.write_bytes(b"one\r\ntwo\x0c still two\rthree  \nfour")

    assert [line_of(str(path), number) for number in range(6)] == ["", "one", "two\x0c still two", "three", "four", ""]


def test_what_is_no_text_does_not_stop_an_error_from_being_shown(tmp_path: Path) -> None:
    path = tmp_path / "binary.py"
    path.write_bytes(b"\xff\xfe = 1\n")

    assert line_of(str(path), 1) == "�� = 1"
    assert line_of(str(tmp_path), 1) == ""
    assert line_of("<string>", 1) == ""
    assert text_of("\0") is None


def test_paths_below_the_working_directory_are_short(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert shown(str(tmp_path / "a" / "flow.py")) == str(Path("a") / "flow.py")
    assert shown("/elsewhere/flow.py") == "/elsewhere/flow.py"
    assert shown(f"{tmp_path}-other/flow.py") == f"{tmp_path}-other/flow.py"


def test_a_vanished_working_directory_is_no_obstacle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()

    assert shown(str(gone / "flow.py")) == str(gone / "flow.py")
