"""`runs` lists them, newest first, filtered, as a table and as JSON."""

import json

import pytest

from tests.unit.cli.conftest import Ask
from tests.unit.cli.person import Person


def test_the_table_has_a_row_a_run_the_newest_first(ask: Ask) -> None:
    lines = ask("runs").out.splitlines()

    assert lines[0].split() == ["RUN", "STATUS", "STARTED", "TOOK", "USER", "PARAMETERS", "TAGS"]
    assert lines[1].startswith("TaleFlow/2  succeeded  2")
    assert lines[2].startswith("TaleFlow/1  failed")
    assert 'alpha=2 shape={"a": [1]}' in lines[2]
    assert lines[2].endswith("  first")


def test_no_tag_can_colour_the_terminal(ask: Ask) -> None:
    said = ask("runs")

    assert "\x1b" not in said.out
    assert "<b>\\x1b[31m" in said.out


@pytest.mark.parametrize(
    ("words", "runs"),
    [
        ([], ["TaleFlow/2", "TaleFlow/1"]),
        (["TaleFlow"], ["TaleFlow/2", "TaleFlow/1"]),
        (["OtherFlow"], []),
        (["--status", "failed"], ["TaleFlow/1"]),
        (["--status", "failed", "--status", "succeeded"], ["TaleFlow/2", "TaleFlow/1"]),
        (["--tag", "second"], ["TaleFlow/2"]),
        (["--tag", "second", "--tag", "first"], []),
        (["--user", "ann"], ["TaleFlow/2", "TaleFlow/1"]),
        (["--user", "bob"], []),
        (["--limit", "1"], ["TaleFlow/2"]),
        (["--limit", "1", "--all"], ["TaleFlow/2", "TaleFlow/1"]),
    ],
)
def test_filters_choose(ask: Ask, words: list[str], runs: list[str]) -> None:
    assert [run["run"] for run in json.loads(ask("runs", "--json", *words).out)] == runs


def test_json_has_parameters_as_values_and_times_in_utc(ask: Ask) -> None:
    run = json.loads(ask("runs", "--json").out)[0]

    assert run["parameters"] == {"alpha": 3, "shape": {"a": [1]}}
    assert run["created_at"].endswith("+00:00")
    assert run["status"] == "succeeded"


def test_more_than_is_shown_is_hinted_at(ask: Ask) -> None:
    assert "there are more" in ask("runs", "--limit", "1").err
    assert ask("runs", "--limit", "2").err == ""


def test_nobodys_runs_are_a_friendly_word(person: Person, ask: Ask) -> None:
    said = person.flagstone("runs")

    assert (said.status, said.out) == (0, "no runs yet: python flow.py run\n")
    assert ask("runs", "--tag", "nope").out == "no runs match\n"
    assert json.loads(person.flagstone("runs", "--json").out) == []


def test_a_flow_that_cannot_be_is_refused(ask: Ask) -> None:
    said = ask("runs", "../x")

    assert said.status == 2
    assert "not a pathspec" in said.err


def test_runs_are_found_by_when_they_began(ask: Ask) -> None:
    assert len(json.loads(ask("runs", "--since", "1h", "--json").out)) == 2
    assert ask("runs", "--since", "1h", "--until", "30m").out == "no runs match\n"
    assert len(json.loads(ask("runs", "--since", "2020-01-31 12:00", "--json").out)) == 2
    assert ask("runs", "--namespace", "user:bob").out == "no runs match\n"

    said = ask("runs", "--since", "last week")
    assert said.status == 2
    assert "'last week' is no moment: write 2030-01-31" in said.err
