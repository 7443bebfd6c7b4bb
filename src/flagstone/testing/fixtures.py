"""Fixtures for tests of flows, which pytest finds by itself once the package is installed."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:  # every run of pytest imports this, also those that test no flow
    from flagstone.client.runner import Runner

__all__ = ["flagstone_home", "flow_runner"]

USER = "tester"


@pytest.fixture
def flagstone_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A fresh home for one test, here and in the processes that it starts: its folder.

    The user is `tester`, the namespace theirs; what `namespace()` and `metadata()` chose before holds again after.
    """
    from flagstone.client.scope import fresh_scope

    home = tmp_path / "flagstone"
    for name in ("FLAGSTONE_NAMESPACE", "METAFLOW_USER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("FLAGSTONE_HOME", str(home))
    monkeypatch.setenv("FLAGSTONE_USER", USER)
    with fresh_scope():
        yield home


@pytest.fixture
def flow_runner(flagstone_home: Path) -> Iterator["Callable[..., Runner]"]:
    """A Runner for a flow's file, in a fresh home: `flow_runner("flow.py").run(alpha=3)`; ended with the test."""
    from flagstone.client.runner import Runner

    runners: list[Runner] = []

    def make(flow_file: str | Path, **options: Any) -> Runner:
        runners.append(Runner(flow_file, **options))
        return runners[-1]

    yield make
    for runner in runners:
        runner.cleanup()
