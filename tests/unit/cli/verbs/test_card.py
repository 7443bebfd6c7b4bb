"""`card` is declared: each verb says that cards come later, and none pretends to have done anything."""

import pytest

from tests.unit.cli.conftest import Ask


@pytest.mark.parametrize(
    "words",
    [
        ["create", "TaleFlow/1/start/1", "--type", "default", "--timeout", "9"],
        ["view", "TaleFlow/1/start/1", "--id", "x"],
        ["get", "TaleFlow/1/start/1", "card.html", "--hash", "ab"],
        ["list", "TaleFlow/1/start", "--as-json", "--file", "cards.json"],
        ["server", "--port", "8324", "--max-cards", "3", "--poll-interval", "5"],
    ],
)
def test_every_verb_of_cards_says_that_they_come_later(ask: Ask, words: list[str]) -> None:
    said = ask("card", *words)

    assert (said.status, said.out) == (2, "")
    assert f"card {words[0]} would" in said.err
    assert "cards come with a later version" in said.err


def test_the_options_are_explained(ask: Ask) -> None:
    assert "--follow-resumed" in ask("card", "get", "--help").out
