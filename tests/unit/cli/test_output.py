"""What goes wrong becomes words and an exit status; what is printed cannot break a terminal."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from flagstone.cli.output import guard, printable, say, say_table
from flagstone.model.errors import CorruptBlob, InternalError, InvalidPathspec, Location, UserError
from tests.unit.cli.person import Person


def raising(error: BaseException) -> Callable[[], None]:
    def work() -> None:
        raise error

    return work


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FLAGSTONE_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "home"


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (UserError(message="no"), 1),
        (InvalidPathspec(text="x", problem="no"), 2),
        (CorruptBlob(what="x", digest="ab", problem="is missing"), 3),
        (click.UsageError("no"), 2),
        (KeyboardInterrupt(), 130),
        (click.Abort(), 130),
        (BrokenPipeError(), 141),
    ],
)
def test_each_kind_of_trouble_has_its_exit_status_and_no_traceback(
    error: BaseException, status: int, capfd: pytest.CaptureFixture[str]
) -> None:
    if isinstance(error, BrokenPipeError):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("flagstone.cli.output._let_go_of_stdout", lambda: None)
            assert guard(raising(error)) == status
    else:
        assert guard(raising(error)) == status

    assert "Traceback" not in capfd.readouterr().err


def test_an_error_shows_the_line_of_the_persons_own_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "flow.py"
    file.write_text("one\ntwo\n")

    guard(raising(UserError(message="two is wrong", hint="write 2", where=Location(str(file), 2))))

    said = capsys.readouterr().err
    assert "two is wrong" in said
    assert "2 | two" in said
    assert "Write 2" in said


@pytest.mark.parametrize("error", [ZeroDivisionError("oops"), InternalError(message="oops")])
def test_a_bug_of_ours_is_owned_and_its_traceback_kept(
    home: Path, capsys: pytest.CaptureFixture[str], error: Exception
) -> None:
    assert guard(raising(error)) == 70

    said = capsys.readouterr().err
    (kept,) = (home / "tmp").glob("crash-*.txt")
    assert home.stat().st_mode & 0o777 == 0o700
    assert "this is a bug in Flagstone" in said
    assert "Traceback" not in said
    assert str(kept) in said
    assert "oops" in kept.read_text()


def test_a_bug_without_a_home_is_printed(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home.write_text("a file, where a directory is expected")

    assert guard(raising(ZeroDivisionError("oops"))) == 70

    assert "Traceback" in capsys.readouterr().err


def test_the_works_own_status_is_the_exit_status() -> None:
    assert guard(lambda: 5) == 5
    assert guard(lambda: None) == 0


def test_a_reader_that_leaves_early_is_no_error(teller: Person) -> None:
    program = "import sys; from flagstone.cli.main import main; sys.stdin.read(); main(['logs', 'TaleFlow/2'])"
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        env=teller.environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    process.stdout.close()
    process.stdout = None
    _, err = process.communicate(b"", timeout=60)

    assert process.returncode == 141
    assert err == b""


def test_a_locale_without_letters_loses_no_line(teller: Person) -> None:
    said = teller.flagstone("show", "TaleFlow/1", PYTHONIOENCODING="ascii")

    assert said.status == 0
    assert "TaleFlow/1" in said.out


@pytest.mark.parametrize("text", ["plain", "naïve ✓", "日本"])
def test_ordinary_text_is_printed_as_it_is(text: str) -> None:
    assert printable(text) == text


def test_nothing_that_is_printed_moves_the_cursor() -> None:
    assert printable("a\x1b[2J\nb") == "a\\x1b[2J\\nb"


def test_a_table_is_in_line_and_prints_rows_as_they_come(capsys: pytest.CaptureFixture[str]) -> None:
    say_table(("NAME", "N"), ((name, str(len(name))) for name in ("x", "longer")))

    assert capsys.readouterr().out == "NAME    N\nx       1\nlonger  6\n"


def test_a_line_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    say("word")
    say()

    assert capsys.readouterr().out == "word\n\n"
