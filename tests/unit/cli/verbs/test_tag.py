"""`tag` adds, removes and lists."""

import json

from tests.unit.cli.conftest import Ask


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
