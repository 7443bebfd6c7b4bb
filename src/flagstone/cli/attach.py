"""`--with resources:cpu=2`: puts a decorator on every step that does not declare it itself."""

from typing import Any

import msgspec

from flagstone.dsl.decorators import resources
from flagstone.dsl.flow import FlowSpec
from flagstone.model.declarations import Needs
from flagstone.model.errors import InvalidDeclaration

_KNOWN = {"resources": (resources, Needs)}


def attach(flow: type[FlowSpec], text: str) -> None:
    """Declare `name:attribute=value,attribute=value` on the steps that lack it. Raises InvalidDeclaration."""
    name, _, arguments = text.partition(":")
    if name not in _KNOWN:
        raise InvalidDeclaration(
            problem=f"--with {text}: there is no step decorator called {name!r}",
            hint=f"--with takes {', '.join(sorted(_KNOWN))}, as in --with resources:cpu=2,memory=4096",
        )
    decorator, declaration = _KNOWN[name]
    mark = decorator(**dict(_argument(text, part) for part in arguments.split(",") if part))
    for function in flow.__flagstone__.steps.values():
        if not any(isinstance(own, declaration) for own in getattr(function, "__flagstone_declarations__", ())):
            mark(function)


def _argument(text: str, part: str) -> tuple[str, Any]:
    name, equals, value = part.partition("=")
    if not equals:
        raise InvalidDeclaration(problem=f"--with {text}: {part!r} is not attribute=value")
    try:
        return name.strip(), msgspec.json.decode(value)
    except msgspec.DecodeError:
        return name.strip(), value
