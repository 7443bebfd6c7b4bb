"""Errors as people read them, the user's own line, and the hook that prints instead of a traceback."""

import subprocess
import sys
from pathlib import Path

import pytest

import flagstone
from flagstone.dsl.complaint import describe, excerpt, user_location
from flagstone.dsl.source import line_of
from flagstone.model.errors import CorruptBlob, InvalidGraph, Location, UserError


def test_an_error_shows_what_is_wrong_where_and_what_to_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "flow.py").write_text("a = 1\n    self.next(self.nope)\n")
    error = InvalidGraph(
        problem="step 'start' goes on to 'nope'",
        hint="write\n    @step\n    def nope(self):",
        where=Location(str(tmp_path / "flow.py"), 2),
    )

    assert describe(error) == (
        "The flow's graph is not right: step 'start' goes on to 'nope'\n"
        "\n"
        "  flow.py:2\n"
        "    2 |     self.next(self.nope)\n"
        "      |     ^^^^^^^^^^^^^^^^^^^^\n"
        "\n"
        "  Write\n"
        "      @step\n"
        "      def nope(self):"
    )


def test_an_error_without_a_place_or_a_hint_is_one_line() -> None:
    assert describe(UserError(message="no")) == "The flow or its input is not right: no"


def test_a_remedy_of_the_class_is_the_hint() -> None:
    text = describe(CorruptBlob(what="F/1/a/2", digest="ab12", problem="is cut short"))

    assert text.endswith("\n\n  Run `flagstone doctor` to see what else is affected")


def test_a_place_whose_line_cannot_be_had_is_only_named() -> None:
    assert excerpt(Location("<string>", 3)) == "<string>:3"


def test_the_users_own_line_is_the_innermost_outside_of_the_package() -> None:
    where = user_location()

    assert where is not None
    assert where.file == __file__
    assert "user_location()" in line_of(where.file, where.line)


def test_the_line_that_called_the_users_function_is_one_further_out() -> None:
    def helper() -> Location | None:
        return user_location(1)

    where = helper()  # this line

    assert where is not None
    assert "# this line" in line_of(where.file, where.line)


def run(folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    """Run a script with this package on its path."""
    (folder / "script.py").write_text(text)
    package = Path(flagstone.__file__).parents[1]
    return subprocess.run(
        [sys.executable, "script.py"],
        cwd=folder,
        env={"PYTHONPATH": str(package)},
        capture_output=True,
        text=True,
        check=False,
    )


HOOKED = """\
import sys
def before(kind, error, trace):
    print("the hook before:", kind.__name__, file=sys.stderr)
sys.excepthook = before
from flagstone.dsl.complaint import install_hook
from flagstone.model.errors import Location, UserError
install_hook()
install_hook()
{line}
"""


def test_an_uncaught_error_of_ours_is_described_without_a_traceback(tmp_path: Path) -> None:
    done = run(tmp_path, HOOKED.format(line="raise UserError(message='no', where=Location(__file__, 9))"))

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "script.py:9\n    9 | raise UserError(" in done.stderr
    assert "the hook before" not in done.stderr


def test_other_errors_go_to_the_hook_that_was_there(tmp_path: Path) -> None:
    done = run(tmp_path, HOOKED.format(line="raise ValueError('other')"))

    assert done.returncode == 1
    assert done.stderr == "the hook before: ValueError\n"
