"""Every heavy function is where its string says."""

import pytest

from flagstone.cli.heavy import HEAVY, heavy


@pytest.mark.parametrize("name", sorted(HEAVY))
def test_every_heavy_function_is_there(name: str) -> None:
    assert callable(heavy(name))
