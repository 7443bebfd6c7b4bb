"""What the stories share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.household import Household


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Household]:
    """A fresh home; the client in this process reads it too."""
    household = Household(tmp_path)
    monkeypatch.setenv("FLAGSTONE_HOME", str(household.home))
    monkeypatch.setenv("FLAGSTONE_USER", "tester")
    yield household
    household.close()
