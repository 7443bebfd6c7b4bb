"""What a parameter's values may be, and how they are written: the plain kinds, which every command line needs."""

from collections.abc import Callable
from typing import Any

from flagstone.kit.text import preview

JSON_HINT = "write JSON, as in '{\"a\": 1}' or '[1, 2]'"

_WORDS = {"true": True, "1": True, "yes": True, "on": True, "t": True, "y": True}
_WORDS |= {"false": False, "0": False, "no": False, "off": False, "f": False, "n": False}


class Refused(ValueError):
    """A value that a kind does not take, and what to write instead."""

    def __init__(self, problem: str, hint: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.hint = hint


class Kind:
    """One kind of values. `parse` and `check` raise Refused."""

    name = "str"  # in plans and messages
    metavar = "TEXT"  # in help
    choices: tuple[str, ...] = ()  # every value there is, as text, where they can be listed

    def parse(self, text: str) -> Any:
        """The value that a text stands for."""
        return text

    def check(self, value: Any) -> Any:
        """A default or a value from Python, converted where nothing is lost."""
        if isinstance(value, str) and self.name != "str":
            return self.parse(value)
        if type(value).__name__ != self.name:
            raise Refused(f"{value!r} is of type {type(value).__name__}, and {self.name} is expected")
        return value

    def text(self, value: Any) -> str:
        """A text that `parse` understands as this value."""
        return str(value)


class Number(Kind):
    """Whole numbers, or any."""

    def __init__(self, name: str, convert: Callable[[str], float], words: str, metavar: str) -> None:
        self.name = name
        self.metavar = metavar
        self._convert = convert
        self._words = words

    def parse(self, text: str) -> float:
        """Also with blanks around it, and with underscores between digits."""
        try:
            return self._convert(text)
        except ValueError:
            raise Refused(f"{text!r} is not {self._words}") from None

    def check(self, value: Any) -> Any:
        """A whole number is a number too."""
        return float(value) if self.name == "float" and type(value) is int else super().check(value)


class Truth(Kind):
    """True or false."""

    name = "bool"
    metavar = "true|false"

    def parse(self, text: str) -> bool:
        """In the words that people use for it."""
        if text.lower() not in _WORDS:
            raise Refused(f"{text!r} is not a truth value", "write true or false")
        return _WORDS[text.lower()]


class Json(Kind):
    """Whatever JSON can say."""

    name = "json"
    metavar = "JSON"

    def parse(self, text: str) -> Any:
        """Read it."""
        import json  # few parameters are JSON, and every command line would wait for it

        try:
            return json.loads(text)
        except ValueError as error:
            raise Refused(f"{text!r} is not JSON ({error})", JSON_HINT) from None

    def check(self, value: Any) -> Any:
        """A text is read, anything else that JSON can say is the value."""
        if isinstance(value, str):
            return self.parse(value)
        if not _is_json(value):
            raise Refused(
                f"{preview(value)} is not what JSON can say", "give lists, dicts, texts, numbers, True or None"
            )
        return value

    def text(self, value: Any) -> str:
        """As JSON."""
        import json  # likewise

        return json.dumps(value)


class Separated(Kind):
    """Texts in a text, between separators."""

    def __init__(self, separator: str) -> None:
        self._separator = separator

    def parse(self, text: str) -> list[str]:
        """Take it apart."""
        return text.split(self._separator)

    def check(self, value: Any) -> list[str]:
        """A text is taken apart, anything else is the list."""
        return self.parse(value) if isinstance(value, str) else list(value)

    def text(self, value: Any) -> str:
        """Put together again."""
        return self._separator.join(map(str, value))


TEXT = Kind()
TRUTH = Truth()


def _is_json(value: Any) -> bool:
    """Whether `json.dumps` takes a value."""
    if isinstance(value, dict):
        plain = all(key is None or isinstance(key, str | int | float) for key in value)
        return plain and all(map(_is_json, value.values()))
    if isinstance(value, list | tuple):
        return all(map(_is_json, value))
    return value is None or isinstance(value, str | int | float)


JSON = Json()
INTEGER = Number("int", int, "a whole number", "INTEGER")
NUMBER = Number("float", float, "a number", "NUMBER")

PLAIN: dict[Any, Kind] = {str: TEXT, int: INTEGER, float: NUMBER, bool: TRUTH}
