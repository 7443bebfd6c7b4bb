"""Decorators of steps by name, and put on a step by a text: `resources:cpu=2,memory=4096`."""

from collections.abc import Callable
from importlib.metadata import entry_points
from typing import Any

import msgspec

from flagstone.dsl.registry import GROUP, KNOWN
from flagstone.dsl.step import declare, step
from flagstone.kit import late
from flagstone.model.declarations import AnyDeclaration
from flagstone.model.errors import InvalidDeclaration


def decorator_called(name: str) -> Callable[..., Any]:
    """The step decorator called `name`: ours, an installed one, or `package.module.attribute`.

    Raises InvalidDeclaration, which lists the names.
    """
    if name in KNOWN:
        return late.load(KNOWN[name])  # type: ignore[no-any-return]  # loaded by name
    for found in entry_points(group=GROUP, name=name):
        return found.load()  # type: ignore[no-any-return]  # likewise
    module, dot, attribute = name.rpartition(".")
    if dot:
        try:
            return late.load(f"{module}:{attribute}")  # type: ignore[no-any-return]  # likewise
        except (ImportError, AttributeError) as error:
            raise InvalidDeclaration(problem=f"there is no step decorator {name!r}: {error}") from None
    raise InvalidDeclaration(
        problem=f"there is no step decorator called {name!r}",
        hint=f"there are {', '.join(sorted({*KNOWN, *entry_points(group=GROUP).names}))}",
    )


def parse_spec(text: str) -> tuple[str, dict[str, Any]]:
    """`name:attribute=value,attribute=value` as a name and arguments; values are JSON, or else texts.

    Commas inside brackets, braces and quotes belong to a value. Raises InvalidDeclaration.
    """
    name, _, arguments = text.partition(":")
    return name.strip(), dict(_argument(text, part) for part in _parts(arguments) if part.strip())


def declarations_of(text: str) -> tuple[AnyDeclaration, ...]:
    """What a step declares that is decorated as the text says. Raises InvalidDeclaration."""
    name, arguments = parse_spec(text)

    def anything(self: object) -> None:
        """A step to try the decorator on."""

    decorated = decorator_called(name)(**arguments)(step(anything))
    declared: tuple[AnyDeclaration, ...] = vars(decorated).get("__flagstone_declarations__", ())
    return declared


def attach(function: Callable[..., Any], text: str) -> None:
    """Decorate a step as the text says, unless it declares the same itself. Raises InvalidDeclaration."""
    own = {type(declaration) for declaration in vars(function).get("__flagstone_declarations__", ())}
    for declaration in declarations_of(text):
        if type(declaration) not in own:
            declare(function, declaration)


def _argument(text: str, part: str) -> tuple[str, Any]:
    name, equals, value = part.partition("=")
    if not equals:
        raise InvalidDeclaration(problem=f"{text}: {part!r} is not attribute=value")
    try:
        return name.strip(), msgspec.json.decode(value)
    except msgspec.DecodeError:
        return name.strip(), value


def _parts(text: str) -> list[str]:
    """Split at the commas that are not inside brackets, braces or quotes."""
    parts, depth, quoted = [""], 0, False
    for character in text:
        if character == '"':
            quoted = not quoted
        elif not quoted:
            depth += (character in "[{") - (character in "]}")
        if character == "," and not quoted and depth <= 0:
            parts.append("")
        else:
            parts[-1] += character
    return parts
