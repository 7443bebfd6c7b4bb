"""What all declarations have in common: a name, values that are checked, and what of them may be recorded."""

import re
from typing import ClassVar, NoReturn, Self

import msgspec
from msgspec import Struct

from flagstone.model.errors import InvalidDeclaration

_WORDS = {
    "float": "a number",
    "int": "a whole number",
    "str": "a text",
    "bool": "True or False",
    "object": "a dictionary",
    "array": "a list",
}


class Declaration(Struct, frozen=True, tag=True, tag_field="declares"):
    """Base of all declarations; a subclass is one decorator's arguments."""

    decorator: ClassVar[str] = ""  # what people write after the @; empty: the class's name in small letters
    several: ClassVar[bool] = False  # whether one step (or flow) may have more than one
    engine: ClassVar[str] = ""  # what becomes of it on this machine, for what is only recorded

    @classmethod
    def called(cls) -> str:
        """The name of the decorator, as in `trigger_on_finish`."""
        return cls.decorator or re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", cls.__name__).lower()

    def checked(self) -> Self:
        """The same with each value of its type. Raises InvalidDeclaration.

        Called once all values are known: where one is computed later, the decorator leaves it to whoever computes it.
        """
        known = self.tidied()
        values = {}
        for field in msgspec.structs.fields(type(self)):
            value = getattr(known, field.name)
            try:
                values[field.name] = msgspec.convert(value, field.type, strict=False)
            except msgspec.ValidationError as error:
                self.refuse(f"{field.name}={value!r}", _expected(str(error)))
        known = type(self)(**values)
        known.check()
        return known

    def tidied(self) -> Self:
        """The same with what may be written in several ways written in one. Raises InvalidDeclaration."""
        return self

    def check(self) -> None:
        """Whether the values make sense. Raises InvalidDeclaration."""

    def public(self) -> Self:
        """What may be recorded of it: the same without what nobody else may read."""
        return self

    def refuse(self, what: str, problem: str, hint: str = "") -> NoReturn:
        """Raises InvalidDeclaration: `@card(rank='x'): a whole number is expected`."""
        raise InvalidDeclaration(problem=f"@{self.called()}({what}): {problem}", hint=hint)


def _expected(message: str) -> str:
    """msgspec's message about a type in our words."""
    found = re.match(r"Expected `([^`]+)`", message)
    if found is None:
        return message
    kinds = [_WORDS[kind] for kind in found[1].split(" | ") if kind in _WORDS]
    inside = " for each of its values" if "- at `" in message else ""
    return f"{' or '.join(kinds) or found[1]} is expected{inside}"
