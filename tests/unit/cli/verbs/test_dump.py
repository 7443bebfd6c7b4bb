"""`dump` prints values, or writes them to a file."""

import json
import pickle
from pathlib import Path

from tests.unit.cli.conftest import Ask


def test_values_are_printed_by_task_with_parameters_and_constants(ask: Ask) -> None:
    lines = ask("dump", "TaleFlow/2/join").out.splitlines()

    assert lines[0].startswith("TaleFlow/2/join/")
    assert lines[1:] == ["  all = ['aa', 'bb', 'cc']", "  alpha = 3", "  kind = 'constant'", "  shape = {'a': [1]}"]


def test_what_is_large_is_previewed(ask: Ask) -> None:
    line = next(line for line in ask("dump", "TaleFlow/1/start").out.splitlines() if "block" in line)

    assert len(line) < 300
    assert line.endswith("(bytes, 1.0 MiB)")
    assert len(ask("dump", "TaleFlow/1/start/1/block", "--max-value-size", "2000000").out) > 1 << 20


def test_private_artifacts_are_shown_on_request(ask: Ask) -> None:
    assert "_secret" not in ask("dump", "TaleFlow/1/start").out
    assert "_secret = 'hidden'" in ask("dump", "TaleFlow/1/start", "--private").out
    assert "_secret = 'hidden'" in ask("dump", "TaleFlow/1/start/1/_secret").out


def test_only_what_is_included(ask: Ask) -> None:
    assert ask("dump", "TaleFlow/1/start", "--include", "items, alpha").out == (
        "TaleFlow/1/start/1:\n  alpha = 2\n  items = ['a', 'b', 'c']\n"
    )


def test_previews_load_nothing(ask: Ask) -> None:
    assert "items = ['a', 'b', 'c']  (list, " in ask("dump", "TaleFlow/1/start", "--preview").out


def test_a_file_holds_all_values_by_pathspec(ask: Ask, tmp_path: Path) -> None:
    said = ask("dump", "TaleFlow/1/start", "--include", "items", "--file", str(tmp_path / "out.pickle"))

    assert "1 value in" in said.err
    assert pickle.loads((tmp_path / "out.pickle").read_bytes()) == {"TaleFlow/1/start/1/items": ["a", "b", "c"]}


def test_a_file_that_cannot_be_written_is_named(ask: Ask, tmp_path: Path) -> None:
    said = ask("dump", "TaleFlow/1/start", "--file", str(tmp_path / "no" / "out.pickle"))

    assert said.status == 3
    assert "out.pickle" in said.err


def test_an_object_of_the_flows_own_class_is_rebuilt_from_its_file(ask: Ask) -> None:
    assert ask("dump", "TaleFlow/1/start/1/marker").out == "TaleFlow/1/start/1:\n  marker = a marker of the flow\n"


def test_values_as_json_where_json_has_them_and_as_their_repr_elsewhere(ask: Ask) -> None:
    found = {one["name"]: one for one in json.loads(ask("dump", "TaleFlow/1/start", "--json").out)}

    assert found["items"]["value"] == ["a", "b", "c"]
    assert found["shape"]["value"] == {"a": [1]}
    assert (found["marker"]["repr"], "value" in found["marker"]) == ("a marker of the flow", False)
    assert found["block"]["type"] == "bytes"
    assert "value" not in found["block"]
    assert {one["task"] for one in found.values()} == {"TaleFlow/1/start/1"}
    previews = json.loads(ask("dump", "TaleFlow/1/start", "--json", "--preview").out)
    assert not any("value" in one for one in previews)


def test_a_whole_run_is_dumped_task_by_task(ask: Ask) -> None:
    tasks = [line for line in ask("dump", "TaleFlow/2").out.splitlines() if not line.startswith(" ")]

    assert [task.split("/")[2] for task in tasks] == ["start", "work", "work", "work", "join", "end"]
