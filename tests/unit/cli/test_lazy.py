"""Verbs are found by their files, and help loads nothing that it does not show."""

import subprocess
import sys
from pathlib import Path

import click
import pytest

from flagstone.cli import lazy, verbs
from flagstone.cli.main import command
from tests.unit.cli.person import Person

HEAVY = ("sqlite3", "rich", "numpy", "pandas", "asyncio", "logging", "multiprocessing", "concurrent.futures",
         "cloudpickle", "zstandard", "flagstone.client", "flagstone.engine", "flagstone.store", "flagstone.metadata",
         "flagstone.compute")  # fmt: skip


def verb_files() -> list[str]:
    folder = Path(verbs.__file__).parent
    return sorted(path.stem.replace("_", "-") for path in folder.glob("*.py") if path.stem != "__init__")


def test_the_folder_is_the_list() -> None:
    assert command().list_commands(click.Context(command())) == verb_files()


def test_every_verb_has_a_sentence_that_is_found_without_importing_it() -> None:
    sentences = lazy.sentences()

    assert list(sentences) == verb_files()
    assert all(sentence.endswith((".", "?")) and len(sentence) < 100 for sentence in sentences.values())


@pytest.mark.parametrize("verb", verb_files())
def test_every_verb_explains_itself(verb: str) -> None:
    group = command()
    found = group.get_command(click.Context(group), verb)

    assert found is not None
    assert (found.help or "").startswith(lazy.sentences()[verb])


@pytest.mark.parametrize("words", [["--help"], ["run", "--help"], ["resume", "--help"], ["check"], []])
def test_help_of_a_script_loads_no_engine_no_database_and_nothing_to_draw_with(
    person: Person, words: list[str]
) -> None:
    person.writes("""
        from flagstone import FlowSpec, step
        class SmallFlow(FlowSpec):
            @step
            def start(self):
                self.next(self.end)
            @step
            def end(self):
                pass
        if __name__ == "__main__":
            import atexit, sys
            atexit.register(lambda: print("\\n" + " ".join(sys.modules)))
            SmallFlow()
    """)

    said = person.flow(*words)

    loaded = set(said.out.splitlines()[-1].split())
    assert said.status == 0
    assert not loaded & set(HEAVY)


def test_help_of_the_command_is_as_light(person: Person) -> None:
    program = (
        "import sys\nfrom flagstone.cli.main import main\n"
        "try: main(['--help'])\nexcept SystemExit: print(' '.join(sys.modules))"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], env=person.environment(), capture_output=True, text=True, check=True
    )

    assert not set(done.stdout.splitlines()[-1].split()) & set(HEAVY)
