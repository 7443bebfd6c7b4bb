"""Tests of `client.scope`: which home is read, and whose runs one sees."""

from pathlib import Path

import pytest

from flagstone.client import (
    Flow,
    Run,
    default_metadata,
    default_namespace,
    get_metadata,
    get_namespace,
    metadata,
    namespace,
)
from flagstone.model.errors import InvalidSetting
from tests.unit.client import history as histories
from tests.unit.client.history import History


def test_the_namespace_is_ones_own_until_one_says_otherwise(history: History) -> None:
    assert history.user == "ada"
    assert get_namespace() == "user:ada"
    assert namespace("team") == "team"
    assert get_namespace() == "team"
    assert namespace(None) is None
    assert get_namespace() is None
    assert default_namespace() == "user:ada"
    assert get_namespace() == "user:ada"


def test_a_run_is_visible_by_its_namespace_and_by_any_of_its_tags(history: History) -> None:
    history.linear(namespace="team", tags=("shared",), system_tags=("user:bob",))

    for name in ("team", "shared", "user:bob", None):
        namespace(name)
        assert Run("Tidal/1").is_in_namespace()
        assert Flow("Tidal").is_in_namespace()


def test_an_object_keeps_the_namespace_in_which_it_was_made(history: History) -> None:
    history.linear()
    flow = Flow("Tidal")

    namespace("user:nobody")

    assert [run.id for run in flow] == ["1"]
    assert not flow.is_in_namespace()
    assert not flow[1].is_in_namespace()


@pytest.mark.parametrize("form", ["{}", "local@{}", "file:{}", "file://{}"])
def test_another_home_is_read_until_one_goes_back(history: History, tmp_path: Path, form: str) -> None:
    history.linear()
    other = tmp_path / "other"
    other.mkdir()
    histories.homes[str(other)] = History(other)
    histories.homes[str(other)].linear(flow="Elsewhere")

    assert metadata(form.format(other)) == f"local@{other}"
    assert Flow("Elsewhere")[1].successful
    assert get_metadata() == f"local@{other}"
    assert default_metadata() == f"local@{tmp_path}"
    assert Flow("Tidal")[1].successful


@pytest.mark.parametrize(
    "where", ["", "local@", "/nowhere/at/all", "service@https://example.org", "https://example.org"]
)
def test_a_home_that_is_not_there_is_refused(history: History, where: str) -> None:
    with pytest.raises(InvalidSetting, match="no such directory"):
        metadata(where)

    assert get_metadata() == f"local@{history.home}"
