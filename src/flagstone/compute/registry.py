"""Compute back ends by name: built in, or installed under the entry-point group `flagstone.compute`."""

from typing import Any

from flagstone.kit import late
from flagstone.model.errors import InvalidSetting

GROUP = "flagstone.compute"

BUILT_IN = {
    "inline": "flagstone.compute.inline.backend:InlineCompute",
    "process": "flagstone.compute.process.backend:ProcessCompute",
}


def find(name: str) -> Any:
    """The class of the back end called `name`. Raises InvalidSetting, which lists the names."""
    found = late.registered(name, BUILT_IN, GROUP)
    if found is None:
        problem = f"there are {', '.join(late.registered_names(BUILT_IN, GROUP))}"
        raise InvalidSetting(setting="compute", value=name, problem=problem, source="the name of a back end")
    return found
