"""`completion` prints a shell's script, and the shell is offered verbs, options, files and what is recorded."""

import subprocess
import sys

import pytest

from flagstone.cli.suggesting import suggest
from tests.unit.cli.conftest import Ask
from tests.unit.cli.person import Person


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_a_script_that_asks_flagstone(ask: Ask, shell: str) -> None:
    said = ask("completion", shell)

    assert said.status == 0
    assert f"_FLAGSTONE_COMPLETE={shell}_complete" in said.out
    assert ask("completion", "tcsh").status == 2


def test_the_script_for_bash_is_a_program_that_bash_understands(ask: Ask) -> None:
    script = ask("completion", "bash").out

    done = subprocess.run(["bash", "-n"], input=script, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")


def asked(person: Person, *words: str) -> list[str]:
    """What bash is offered for the last of the words."""
    done = subprocess.run(
        [sys.executable, "-c", "from flagstone.cli.main import main; main()"],
        env=person.environment(
            _FLAGSTONE_COMPLETE="bash_complete",
            COMP_WORDS=" ".join(("flagstone", *words)),
            COMP_CWORD=str(len(words)),
        ),
        cwd=person.work,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.stderr == ""
    return [line.partition(",")[2] for line in done.stdout.splitlines()]


def test_verbs_options_and_pathspecs_are_offered(teller: Person) -> None:
    assert "show" in asked(teller, "sh")
    assert asked(teller, "logs", "show", "--std") == ["--stdout", "--stderr"]
    assert asked(teller, "show", "Ta")[0] == "TaleFlow"
    assert asked(teller, "dump", "TaleFlow/2/jo") == ["TaleFlow/2/join", "TaleFlow/2/join/5"]
    assert asked(teller, "logs", "TaleFlow/2/st") == ["TaleFlow/2/start", "TaleFlow/2/start/1"]
    assert {"show", "scrub"} <= set(asked(teller, "logs", ""))
    assert "--follow" in asked(teller, "logs", "-")
    assert asked(teller, "logs", "show", "TaleFlow/2/st") == ["TaleFlow/2/start", "TaleFlow/2/start/1"]


def test_pathspecs_are_completed_level_by_level(ask: Ask) -> None:
    assert suggest("") == ["TaleFlow", "TaleFlow/latest", "TaleFlow/2", "TaleFlow/1"]
    assert suggest("TaleFlow/") == ["TaleFlow/latest", "TaleFlow/2", "TaleFlow/1"]
    assert sorted(suggest("TaleFlow/2/")) == [f"TaleFlow/2/{step}" for step in ("end", "join", "start", "work")]
    assert suggest("TaleFlow/1/start/1/it") == ["TaleFlow/1/start/1/items"]
    assert suggest("TaleFlow/1/start", most=3) == ["TaleFlow/1/start"]
    assert suggest("NoFlow/") == suggest("TaleFlow/x/") == suggest("TaleFlow/9/") == suggest("//") == []


def test_nothing_is_offered_and_no_home_made_where_nothing_ran(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLAGSTONE_HOME", str(person.home))

    assert suggest("") == []
    assert not person.home.exists()
