"""The `flagstone` command: its help, and what it says to words that it does not know."""

import pytest

from flagstone import __version__
from tests.unit.cli.conftest import Ask

NASTY = ["../x", "../../etc/passwd", "x" * 5000, "Flow\nname", "Flow/1/a b", "Flow/-1", "Flow/0", "Flow/1/2/3", "", "/",
         "Flow//1", "Flow/99999999999999999999", "a/1/b/1/c/d", "Flow/1;rm", "<script>", "Flow/١"]  # fmt: skip


def test_without_words_it_explains_itself(ask: Ask) -> None:
    said = ask()

    assert "Verbs:" in said.out + said.err
    assert "doctor" in said.out + said.err


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_lists_the_verbs(ask: Ask, option: str) -> None:
    said = ask(option)

    assert said.status == 0
    assert "  runs " in said.out


def test_the_version_is_told(ask: Ask) -> None:
    assert ask("--version").out == ask("version").out == f"flagstone {__version__}\n"


def test_a_mistyped_verb_is_met_with_the_one_that_was_meant(ask: Ask) -> None:
    said = ask("rnus")

    assert said.status == 2
    assert "No such verb 'rnus'. Did you mean runs?" in said.err


def test_a_wild_verb_is_met_with_the_list(ask: Ask) -> None:
    said = ask("../verbs/run")

    assert said.status == 2
    assert "There are card, check, completion" in said.err


def test_words_that_people_know_from_metaflow_are_explained(ask: Ask) -> None:
    for words, why in ((["status"], "`flagstone runs`"), (["argo-workflows", "create"], "deploys to none")):
        said = ask(*words)
        assert said.status == 2
        assert f"There is no verb {words[0]!r} here: " in said.err
        assert why in said.err


def test_a_mistyped_option_is_met_with_the_one_that_was_meant(ask: Ask) -> None:
    said = ask("runs", "--statsu", "failed")

    assert said.status == 2
    assert "--status" in said.err


@pytest.mark.parametrize("verb", ["show", "logs", "dump"])
@pytest.mark.parametrize("text", NASTY)
def test_what_is_no_pathspec_is_refused_in_a_few_words(ask: Ask, verb: str, text: str) -> None:
    said = ask(verb, text)

    assert said.status == 2
    assert "Traceback" not in said.err
    assert "not a pathspec" in said.err
    assert len(said.err) < 1000


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["show", "NoFlow"], "a run of NoFlow"),
        (["show", "NoFlow/latest"], "a run of NoFlow"),
        (["show", "TaleFlow/77"], "run TaleFlow/77"),
        (["logs", "TaleFlow/1/work/99"], "task TaleFlow/1/work/99"),
        (["show", "TaleFlow/1/start/1/nope"], "artifact TaleFlow/1/start/1/nope"),
        (["dump", "TaleFlow/1/start/1/nope"], "artifact TaleFlow/1/start/1/nope"),
        (["tag", "add", "TaleFlow/77", "x"], "run TaleFlow/77"),
    ],
)
def test_what_is_not_there_is_named(ask: Ask, words: list[str], what: str) -> None:
    said = ask(*words)

    assert said.status == 1
    assert f"{what} does not exist" in said.err
    assert "lists what there is" in said.err


def test_an_unknown_step_is_met_with_the_steps(ask: Ask) -> None:
    said = ask("show", "TaleFlow/1/wrok")

    assert said.status == 2
    assert "start, work, join, end" in said.err


def test_help_is_a_verb_too(ask: Ask) -> None:
    assert ask("help", "runs").out == ask("runs", "--help").out
    assert "Verbs:" in ask("help").out
    assert "Did you mean doctor?" in ask("help", "docter").err
