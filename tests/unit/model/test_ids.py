"""Pathspecs: what is one, what is not, and what their author is told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flagstone.model.errors import InvalidPathspec
from flagstone.model.ids import Pathspec, RunId, TaskId, parse


def test_ids_are_written_as_paths() -> None:
    run = RunId("Prices", 7)

    assert str(run) == "Prices/7"
    assert str(TaskId(run, "train", 12)) == "Prices/7/train/12"


def test_runs_are_ordered_by_number() -> None:
    assert min([RunId("F", 10), RunId("F", 9)]).number == 9


@pytest.mark.parametrize(
    "text", ["F", "F/1", "F/latest", "F/1/train", "F/1/train/2", "F/1/train/2/model", "F/1/train/2/_x"]
)
def test_a_pathspec_has_one_to_five_parts(text: str) -> None:
    assert str(parse(text)) == text
    assert len(parse(text).parts) == text.count("/") + 1


def test_slashes_around_a_pathspec_do_not_matter() -> None:
    assert parse("/F/1/") == Pathspec("F", "1")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "0 parts"),
        ("F/1/a/2/b/c", "6 parts"),
        ("F/one", "'one' stands where the run should: a number"),
        ("F/0", "'0' stands where the run"),
        ("F/01", "'01' stands where the run"),
        ("F/-1", "'-1' stands where the run"),
        ("F/1/2", "'2' stands where the step should: a name"),
        ("F/1/a/b", "'b' stands where the task should: a number"),
        ("F/1/a/latest", "'latest' stands where the task"),
        ("a b", "'a b' stands where the flow"),
        ("F//a", "'' stands where the run"),
        ("F/1\n", "stands where the run"),
        ("../etc", "'..' stands where the flow"),
    ],
)
def test_anything_else_says_which_part_is_wrong(text: str, words: str) -> None:
    with pytest.raises(InvalidPathspec) as caught:
        parse(text)

    assert words in str(caught.value)
    assert "Flow/run/step/task/artifact" in caught.value.hint


def test_a_caller_can_ask_for_a_length() -> None:
    with pytest.raises(InvalidPathspec, match="it has 1 part, not 2 to 3"):
        parse("F", least=2, most=3)
    with pytest.raises(InvalidPathspec, match="it has 3 parts, not 2"):
        parse("F/1/a", least=2, most=2)


@given(text=st.text(max_size=40))
def test_any_text_is_a_pathspec_or_an_error(text: str) -> None:
    try:
        found = parse(text)
    except InvalidPathspec:
        return
    assert parse(str(found)) == found


def test_a_number_instead_of_a_text_is_told_what_to_write() -> None:
    with pytest.raises(InvalidPathspec, match=r"Write Flow/run$"):
        parse(3, least=2, most=2)  # type: ignore[arg-type]  # as in Run(3)
