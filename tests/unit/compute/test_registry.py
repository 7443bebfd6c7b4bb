"""Back ends by name."""

import pytest

from flagstone.compute import registry
from flagstone.model.errors import InvalidSetting


@pytest.mark.parametrize("name", registry.BUILT_IN)
def test_every_built_in_name_leads_to_a_class(name: str) -> None:
    found = registry.find(name)

    assert isinstance(found, type)
    assert all(hasattr(found, verb) for verb in ("start", "launch", "depth", "filenos", "collect", "cancel", "close"))


def test_an_unknown_name_is_refused_with_the_names_that_there_are() -> None:
    with pytest.raises(InvalidSetting, match="there are inline, process"):
        registry.find("moon")
