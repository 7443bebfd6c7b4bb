"""A home that some released Flagstone wrote is read by every later one: what it says, what it holds, and its resume."""

import json
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from flagstone import Run, Task, namespace
from tests.migration.write_home import HOMES, environment, tell

FORMATS = sorted(path.name.removesuffix(".tar.xz") for path in HOMES.glob("*.tar.xz"))


@pytest.fixture(params=FORMATS)
def place(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the `home` and the `work` folder of a format; the client reads that home."""
    with tarfile.open(HOMES / f"{request.param}.tar.xz") as archive:
        archive.extractall(tmp_path, filter="fully_trusted")
    monkeypatch.setenv("FLAGSTONE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("FLAGSTONE_USER", "ada")
    return tmp_path


def python(place: Path, *words: str, **more: str) -> str:
    """What a process says that works in the old home; it must end well."""
    done = subprocess.run(
        [sys.executable, *words],
        cwd=place / "work",
        env=environment(place, **more),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def end_of(run: str, name: str) -> Any:
    """The value of an artifact when the run had ended."""
    return Run(run)["end"].task[name].data


def test_there_is_a_home_of_every_format() -> None:
    assert "format-1" in FORMATS
    assert all((HOMES / f"{name}.tar.xz").stat().st_size < 300_000 for name in FORMATS)


def test_it_says_what_it_said_when_it_was_written(place: Path) -> None:
    expected: dict[str, Any] = json.loads((place / "expected.json").read_text())

    assert tell() == expected


def test_every_value_loads_and_has_the_digest_that_was_recorded(place: Path) -> None:
    namespace(None)
    expected: dict[str, Any] = json.loads((place / "expected.json").read_text())
    python(place, "-m", "flagstone", "doctor")

    tasks = [Task(spec) for run in expected.values() for spec in run["tasks"]]
    for task in tasks:
        for artifact in task:
            assert artifact.data is not None, artifact.pathspec

    start = Run("HarvestFlow/1")["start"].task
    draw = np.random.default_rng(7)
    assert np.array_equal(start["grain"].data, draw.random(4_000))
    assert start["zeros"].data.shape == (200, 50)
    assert list(start["names"].data) == ["rye", "oat"]
    assert start["table"].data["yield"].tolist() == draw.random(900).tolist()
    assert start["table"].data["crop"].tolist() == ["rye", "oat", "é"] * 300
    assert start["raw"].data == draw.bytes(20_000)
    assert start["text"].data == "sown, über alles 🌾"
    assert start["several"].data == {"a": [1, 2.5, None], ("x", 1): {3, 4}, "big": 1 << 80}
    assert start["notes"].data == "plant in spring\n" * 20
    assert start["options"].data == {"wet": [1, 2]}
    assert end_of("HarvestFlow/1", "caught") in ([True, False], [False, True])


def test_a_run_that_failed_in_it_is_resumed_with_what_it_had(place: Path) -> None:
    namespace(None)

    python(place, "bridge.py", "resume", "--origin-run-id", "3", BRIDGE_STANDS="yes")

    run = Run("BridgeFlow/5")
    assert run.successful
    assert end_of("BridgeFlow/5", "carried") == 60
    cloned = [task.origin_pathspec for task in run["cross"]]
    assert sorted(filter(None, cloned)) == ["BridgeFlow/3/cross/2", "BridgeFlow/3/cross/3"]


def test_a_run_that_was_killed_in_it_is_lost_and_can_be_resumed(place: Path) -> None:
    lost = python(place, "-m", "flagstone", "runs", "BridgeFlow", "--status", "lost", "--namespace", "user:ada")
    assert "BridgeFlow/4" in lost
    assert "BridgeFlow/3" not in lost

    python(place, "bridge.py", "resume", "--origin-run-id", "4", BRIDGE_STANDS="yes")

    namespace(None)
    assert end_of("BridgeFlow/5", "carried") == 60


def test_new_runs_go_on_in_it(place: Path) -> None:
    python(place, "harvest.py", "run", "--seed", "7")

    namespace(None)
    old, new = Run("HarvestFlow/1"), Run("HarvestFlow/3")
    assert new["start"].task["grain"].sha == old["start"].task["grain"].sha
    assert end_of("HarvestFlow/3", "total") == end_of("HarvestFlow/1", "total")
