"""Compute back ends by name: built in, or installed under the entry-point group `flagstone.compute`."""

from typing import Any

from flagstone.kit.late import load
from flagstone.model.errors import InvalidSetting

GROUP = "flagstone.compute"

BUILT_IN = {
    "inline": "flagstone.compute.inline.backend:InlineCompute",
    "process": "flagstone.compute.process.backend:ProcessCompute",
}


def find(name: str) -> Any:
    """The class of the back end called `name`. Raises InvalidSetting, which lists the names."""
    target = BUILT_IN.get(name)
    return _installed(name) if target is None else load(target)


def _installed(name: str) -> Any:
    from importlib.metadata import entry_points  # tens of milliseconds, and only for a name that is not built in

    found = entry_points(group=GROUP)
    for point in found:
        if point.name == name:
            return point.load()
    names = ", ".join(sorted({*BUILT_IN, *found.names}))
    raise InvalidSetting(setting="compute", value=name, problem=f"there are {names}", source="the name of a back end")
