"""Every test of the client has a home of its own, with nothing in it yet, in its own namespace `user:ada`."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from flagstone.client import scope
from flagstone.kit import late
from tests.unit.client import history as histories
from tests.unit.client.history import History


@pytest.fixture
def history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[History]:
    """The history that the client reads."""
    monkeypatch.setattr(scope, "_opened", {})
    monkeypatch.setattr(scope, "_chosen", scope._Chosen())
    monkeypatch.setattr(late, "_bound", {**late.bound(), "workspace": "tests.unit.client.history:workspace"})
    history = History(tmp_path)
    monkeypatch.setattr(histories, "homes", {str(tmp_path): history})
    yield history
    history.metadata.close()
