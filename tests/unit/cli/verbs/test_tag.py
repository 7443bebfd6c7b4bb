"""`tag` adds, removes, replaces and lists."""

import json

import pytest

from tests.unit.cli.conftest import Ask, typist
from tests.unit.cli.person import Person


def test_tags_come_and_go(ask: Ask) -> None:
    assert ask("tag", "add", "TaleFlow/2", "good", "../../x").status == 0
    listed = json.loads(ask("tag", "list", "TaleFlow/2", "--json").out)["tags"]
    assert {"good", "../../x", "second"} <= set(listed)

    said = ask("tag", "remove", "TaleFlow/2", "good", "../../x")

    assert said.status == 0
    assert "good" not in said.out


def test_system_tags_are_listed_apart_and_stay(ask: Ask) -> None:
    assert "user:ann" in ask("tag", "list", "TaleFlow/1").out
    assert ask("tag", "list", "TaleFlow/1", "--hide-system-tags").out == "first\n"

    said = ask("tag", "remove", "TaleFlow/1", "user:ann")

    assert said.status == 2
    assert "user:ann" in said.err


def test_a_tag_that_is_not_there_is_remarked_upon(ask: Ask) -> None:
    said = ask("tag", "remove", "TaleFlow/1", "never")

    assert said.status == 0
    assert "has no tag 'never'" in said.err


def test_a_run_must_be_named(ask: Ask) -> None:
    assert ask("tag", "list").status == 2
    assert ask("tag", "add", "TaleFlow", "x").status == 2
    assert ask("tag", "add", "TaleFlow/1").status in (0, 2)


def test_an_empty_or_endless_tag_is_refused(ask: Ask) -> None:
    for tag in ("", "x" * 501):
        said = ask("tag", "add", "TaleFlow/1", tag)
        assert said.status == 2
        assert "Traceback" not in said.err


# --- several runs ----------------------------------------------------------------------------------------------

FLOW = """
    from flagstone import FlowSpec, step

    class TagFlow(FlowSpec):
        @step
        def start(self):
            pass

    if __name__ == "__main__":
        TagFlow()
"""


@pytest.fixture(scope="module")
def tagger(tmp_path_factory: pytest.TempPathFactory) -> Person:
    """Somebody with three runs, the second of which is tagged "odd one"."""
    tagger = Person(tmp_path_factory.mktemp("tagger"))
    tagger.writes(
        FLOW.replace("pass", "self.next(self.end)\n\n        @step\n        def end(self):\n            pass")
    )
    for words in ([], ["--tag", "odd one"], []):
        assert tagger.flow("run", "--quiet", *words).status == 0
    return tagger


@pytest.fixture
def say(tagger: Person, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Ask:
    """The tagger types `flagstone WORDS`."""
    return typist(tagger, monkeypatch, capsys)


def tags_of(say: Ask) -> dict[str, list[str]]:
    listed = json.loads(say("tag", "list", "--all", "--json", "--hide-system-tags").out)
    return {one["run"]: one["tags"] for one in listed}


def test_several_runs_are_tagged_at_once(say: Ask) -> None:
    said = say("tag", "add", "TagFlow/1", "TagFlow/latest", "good", "a b")

    assert said.out == 'TagFlow/1: "a b" good\nTagFlow/3: "a b" good\n'
    assert say("tag", "remove", "--run-id", "TagFlow/1", "--run-id", "TagFlow/3", "good", "a b").status == 0
    assert tags_of(say) == {"TagFlow/3": [], "TagFlow/2": ["odd one"], "TagFlow/1": []}


def test_runs_are_found_by_what_is_known_about_them(say: Ask) -> None:
    said = say(
        "tag", "add", "--flow", "TagFlow", "--status", "succeeded", "--with-tag", "odd one", "--since", "1h", "x"
    )
    assert said.out == 'TagFlow/2: "odd one" x\n'

    assert say("tag", "replace", "--flow", "TagFlow", "--with-tag", "x", "--remove", "x", "--add", "y").out == (
        'TagFlow/2: "odd one" y\n'
    )
    assert say("tag", "remove", "--with-tag", "y", "y", "--json").out.count('"run"') == 1
    nothing = say("tag", "add", "--status", "failed", "x")
    assert nothing.status == 1
    assert "a run that matches does not exist" in nothing.err


def test_a_dry_run_changes_nothing(say: Ask) -> None:
    said = say("tag", "add", "--flow", "TagFlow", "everywhere", "--dry-run")

    assert said.out.count("everywhere") == 3
    assert "nothing was changed" in said.err
    assert "everywhere" not in str(tags_of(say))


def test_a_change_that_one_run_refuses_changes_none(say: Ask) -> None:
    said = say("tag", "add", "TagFlow/1", "TagFlow/2", *(f"tag {number}" for number in range(50)))

    assert said.status == 2
    assert "at most 50 tags" in said.err
    assert "(TagFlow/2)" in said.err
    assert tags_of(say)["TagFlow/1"] == []


def test_tags_are_listed_by_run_by_tag_and_flat(say: Ask) -> None:
    assert say("tag", "list", "--all", "--hide-system-tags").out.splitlines()[2].split("  ") == [
        "TagFlow/2",
        '"odd one"',
    ]
    assert "user:ann" in say("tag", "list", "--my-runs", "--group-by-run").out
    grouped = json.loads(say("tag", "list", "--flow", "TagFlow", "--group-by-tag", "--json").out)
    assert grouped["user:ann"] == ["TagFlow/3", "TagFlow/2", "TagFlow/1"]
    assert grouped["odd one"] == ["TagFlow/2"]
    assert say("tag", "list", "--all", "--flat", "--hide-system-tags").out == "odd one\n"
    assert say("tag", "list", "TagFlow/1", "TagFlow/2", "--group-by-tag", "--hide-system-tags").out == (
        "TAG      RUNS\nodd one  TagFlow/2\n"
    )


def test_a_namespace_narrows_it_down(say: Ask) -> None:
    assert say("tag", "list", "TagFlow/1", "--namespace", "user:ann").status == 0
    said = say("tag", "add", "TagFlow/1", "x", "--namespace", "user:bob")
    assert said.status == 1
    assert "TagFlow/1 is not in the namespace 'user:bob'" in said.err
    assert say("tag", "list", "--all", "--namespace", "user:bob").err == "no tags\n"


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["replace", "TagFlow/1"], "Which tags?"),
        (["replace", "TagFlow/1", "x", "--add", "y"], "What is 'x' for?"),
        (["add", "TagFlow/1", "TagFlow/2"], "Which tag?"),
        (["list", "TagFlow/1", "x"], "What is 'x' for?"),
        (["list", "--all", "--since", "yesterday"], "'yesterday' is no moment"),
    ],
)
def test_what_cannot_be_meant_is_refused(say: Ask, words: list[str], problem: str) -> None:
    said = say("tag", *words)

    assert said.status == 2
    assert problem in said.err
