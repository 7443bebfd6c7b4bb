"""A whole flow runs in memory, in this process, and nothing of it is left anywhere."""

import os
import tempfile
from pathlib import Path

import pytest

from flagstone.model.errors import InvalidParameter, RunFailed
from flagstone.testing import run_flow
from tests.unit.testing.shop import ConfiguredFlow, FailingFlow, GangFlow, MockFlow, ShopFlow


def test_a_run_in_memory_is_read_like_any_other(capsys: pytest.CaptureFixture[str]) -> None:
    run = run_flow(ShopFlow, rate=0.25, tags=["trial"])

    assert run.successful
    assert run.data is not None
    assert run.data.report == (25.0, ["0x", "1y", "2z"])
    assert run.data.common == "common"
    assert run.parameters["rate"] == 0.25
    assert run.user_tags == {"trial"}
    assert len(list(run["visit"])) == 3
    assert run["prices"].task.stdout == "prices at 0.25\n"
    assert capsys.readouterr().out == "prices at 0.25\n"


def test_the_tasks_of_a_gang_run_in_memory_one_after_the_other() -> None:
    run = run_flow(GangFlow)

    assert run.data is not None
    assert run.data.nodes == [(0, 3), (1, 3), (2, 3)]


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLAGSTONE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    run_flow(ShopFlow)

    assert os.listdir(tmp_path) == []


def test_two_runs_know_nothing_of_each_other() -> None:
    one, other = run_flow(ShopFlow, rate=0.1), run_flow(ShopFlow, rate=0.2)

    assert one.pathspec == other.pathspec == "ShopFlow/1"
    assert one != other
    assert one["prices"].task.data.price == 10.0


def test_a_failure_shows_the_very_exception_of_the_step() -> None:
    with pytest.raises(RunFailed, match="FailingFlow/1/end/2 failed: LookupError: the shelves are empty") as caught:
        run_flow(FailingFlow)

    assert isinstance(caught.value.__cause__, LookupError)
    assert caught.value.where is not None
    assert Path(caught.value.where.file).name == "shop.py"


def test_a_failed_run_can_be_looked_at() -> None:
    run = run_flow(FailingFlow, check=False)

    assert run.status == "failed"
    assert run["start"].task.data.half == "done"
    assert str(run["end"].task.exception) == "LookupError: the shelves are empty"


def test_artifacts_are_stored_as_ever_so_what_cannot_be_stored_fails() -> None:
    with pytest.raises(RunFailed, match="cannot be persisted"):
        run_flow(MockFlow)


def test_input_is_checked() -> None:
    with pytest.raises(InvalidParameter, match="a number"):
        run_flow(ShopFlow, rate="much")
    with pytest.raises(InvalidParameter, match="no such parameter"):
        run_flow(ShopFlow, speed=3)


def test_decorators_can_be_put_on_for_one_run() -> None:
    run = run_flow(ShopFlow, decospecs=["resources:cpu=64"])

    assert run.successful
    assert ShopFlow.__flagstone__.declared["prices"] == []


def test_configs_are_given_for_one_run() -> None:
    given = run_flow(ConfiguredFlow, config_value={"cfg": {"scale": 3, "cpu": 1}}, scale=1)
    default = run_flow(ConfiguredFlow)

    assert given["start"].task.data.x == 31
    assert default["start"].task.data.x == 22
