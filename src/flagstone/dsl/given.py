"""Parameter values that a program gives by name: which parameter each is meant for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from flagstone.kit.text import listed
from flagstone.model.errors import InvalidParameter

if TYPE_CHECKING:  # only named in annotations: a command line starts without them
    from flagstone.dsl.flow import FlowSpec


def by_attribute(flow: type[FlowSpec], given: Mapping[str, Any]) -> dict[str, Any]:
    """The values by attribute; a name may be the parameter's or its attribute's, `-` and `_` are the same.

    Raises InvalidParameter for a name that no parameter has, with those that there are.
    """
    parameters = flow.__flagstone__.parameters
    known = {_plain(parameter.name): attribute for attribute, parameter in parameters.items()}
    known |= {attribute: attribute for attribute in parameters if attribute not in known}
    found = {}
    for name, value in given.items():
        attribute = name if name in parameters else known.get(_plain(name))
        if attribute is None:
            names = listed([parameter.name for parameter in parameters.values()])
            raise InvalidParameter(
                name=name,
                problem=f"{flow.__name__} has no such parameter",
                hint=f"its parameters are {names}" if names else "it has none",
            )
        found[attribute] = value
    return found


def _plain(name: str) -> str:
    return name.lower().replace("-", "_")
