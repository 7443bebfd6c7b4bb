"""The kinds of values that few flows ask for: choices, dates, lists, dicts, paths, and models of several libraries."""

import enum
import json
import os
import types
import typing
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from flagstone.dsl.kinds import JSON_HINT, PLAIN, Json, Kind, Refused
from flagstone.kit.text import listed, preview


def rich_kind(kind: Any) -> Kind | None:
    """The kind of a type or an annotation; None when there is none for it."""
    while typing.get_origin(kind) is typing.Annotated:
        kind = typing.get_args(kind)[0]
    if isinstance(kind, typing.Hashable) and kind in PLAIN:
        return PLAIN[kind]
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        some = [one for one in arguments if one is not type(None)]
        return rich_kind(some[0]) if len(some) == 1 else None
    if origin is typing.Literal:
        return Choice(arguments)
    if origin in (list, tuple, typing.Sequence, Sequence) or kind in (list, tuple):
        element = rich_kind(arguments[0]) if arguments and arguments[0] is not Any else None
        return List(element)
    if origin is dict or kind is dict:
        return Dict()
    return _class_kind(kind) if isinstance(kind, type) else _click_kind(kind)


def _class_kind(kind: Any) -> Kind | None:
    if issubclass(kind, enum.Enum):
        return Member(kind)
    if kind is date:
        return Moment("date", date, "2026-01-31")
    if kind is datetime:
        return Moment("datetime", datetime, "2026-01-31T18:30")
    if issubclass(kind, os.PathLike):
        return PathKind()
    if hasattr(kind, "model_validate_json"):
        return Model(kind, kind.model_validate_json, kind.model_validate, lambda value: value.model_dump_json())
    if hasattr(kind, "__struct_fields__") or hasattr(kind, "__dataclass_fields__"):
        return _structured(kind)
    return None


def _click_kind(kind: Any) -> Kind | None:
    """A type of click's own, without importing click: `click.IntRange(1, 9)`."""
    return Converted(kind) if callable(getattr(kind, "convert", None)) and hasattr(kind, "name") else None


class Choice(Kind):
    """One of a few values."""

    name = "choice"

    def __init__(self, values: Sequence[Any]) -> None:
        self._values = {str(value): value for value in values}
        self.choices = tuple(self._values)
        self.metavar = "|".join(self.choices)

    def parse(self, text: str) -> Any:
        """By its text."""
        if text not in self._values:
            raise Refused(f"{text!r} is none of {', '.join(self.choices)}", f"write one of {', '.join(self.choices)}")
        return self._values[text]

    def check(self, value: Any) -> Any:
        """The value itself, or its text."""
        for one in self._values.values():
            if type(one) is type(value) and one == value:
                return one
        return self.parse(str(value))


class Member(Kind):
    """A member of an enum, by its name or its value."""

    def __init__(self, kind: type[enum.Enum]) -> None:
        self._kind = kind
        self.name = kind.__name__
        self.choices = tuple(kind.__members__)
        self.metavar = "|".join(self.choices)

    def parse(self, text: str) -> enum.Enum:
        """By its name, else by its value, else by its name whatever the case."""
        exact = self._kind.__members__.get(text)
        if exact is not None:
            return exact
        for name, member in self._kind.__members__.items():
            if str(member.value) == text or name.lower() == text.lower():
                return member
        raise Refused(f"{text!r} is none of {', '.join(self.choices)}", f"write one of {', '.join(self.choices)}")

    def check(self, value: Any) -> enum.Enum:
        """A member, its name or its value."""
        return value if isinstance(value, self._kind) else self.parse(str(value))

    def text(self, value: Any) -> str:
        """Its name."""
        return str(value.name)


class Moment(Kind):
    """A date, or a date with a time, as ISO 8601 has it."""

    def __init__(self, name: str, kind: type[date], example: str) -> None:
        self.name = name
        self.metavar = name.upper()
        self._kind = kind
        self._example = example

    def parse(self, text: str) -> date:
        """From ISO 8601; a moment with `Z` is in UTC."""
        try:
            return self._kind.fromisoformat(text.strip())
        except ValueError:
            hint = f"write it as ISO 8601 does, as in {self._example}"
            raise Refused(f"{text!r} is not a {self.name}", hint) from None

    def check(self, value: Any) -> date:
        """A moment, or its text; a date is its first moment."""
        if isinstance(value, str):
            return self.parse(value)
        if type(value) is date and self._kind is datetime:
            return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - local, as it was given
        return super().check(value)  # type: ignore[no-any-return]  # of this kind, or refused

    def text(self, value: Any) -> str:
        """As ISO 8601 has it."""
        return str(value.isoformat())


class PathKind(Kind):
    """A path; `~` is the person's own folder. Whether something lies there is up to the flow."""

    name = "path"
    metavar = "PATH"

    def parse(self, text: str) -> Path:
        """The path as it is written, except for `~`."""
        return Path(text).expanduser()

    def check(self, value: Any) -> Path:
        """A path, or its text."""
        try:
            return self.parse(os.fspath(value))
        except TypeError:
            raise Refused(f"{value!r} is of type {type(value).__name__}, and a path is expected") from None


class List(Kind):
    """Several values of one kind: a JSON list, or texts between commas."""

    name = "list"

    def __init__(self, element: Kind | None) -> None:
        self._element = element
        self.metavar = f"{element.metavar},..." if element is not None else "JSON|TEXT,..."

    def parse(self, text: str) -> list[Any]:
        """JSON where it begins like it, `@file` for a file of it, else what stands between commas."""
        text = _file_text(text)
        if text.lstrip().startswith("["):
            return self.check(Json().parse(text))
        parts = [part.strip() for part in text.split(",")] if text.strip() else []
        return parts if self._element is None else [self._element.parse(part) for part in parts]

    def check(self, value: Any) -> list[Any]:
        """A list of checked elements."""
        if isinstance(value, str):
            return self.parse(value)
        if not isinstance(value, list | tuple | set | frozenset):
            raise Refused(f"{value!r} is of type {type(value).__name__}, and a list is expected")
        return list(value) if self._element is None else [self._element.check(one) for one in value]

    def text(self, value: Any) -> str:
        """As JSON; what JSON cannot say, as the elements' texts."""
        element = self._element
        return json.dumps(value if element is None else [_json(one, element) for one in value], default=str)


def _json(value: Any, kind: Kind) -> Any:
    return value if isinstance(value, bool | int | float | str | list | dict | None) else kind.text(value)


class Dict(Json):
    """A JSON object."""

    name = "dict"

    def parse(self, text: str) -> dict[Any, Any]:
        """Read it, from a file where it begins with @."""
        return self.check(super().parse(_file_text(text)))

    def check(self, value: Any) -> dict[Any, Any]:
        """A mapping, or its JSON."""
        if isinstance(value, str):
            return self.parse(value)
        if not isinstance(value, dict):
            raise Refused(f"{value!r} is of type {type(value).__name__}, and a mapping is expected", JSON_HINT)
        return value


class Model(Kind):
    """An object with typed fields, given as JSON or as @file: a pydantic model, a msgspec Struct, a dataclass."""

    metavar = "JSON|@FILE"

    def __init__(
        self,
        kind: type,
        from_json: Callable[[str], Any],
        from_data: Callable[[Any], Any],
        to_json: Callable[[Any], str],
    ) -> None:
        self.name = kind.__name__
        self._kind = kind
        self._from_json = from_json
        self._from_data = from_data
        self._to_json = to_json

    def parse(self, text: str) -> Any:
        """Read and validate JSON."""
        return self._validated(self._from_json, _file_text(text))

    def check(self, value: Any) -> Any:
        """An object, its fields as a dict, or its JSON."""
        if isinstance(value, self._kind):
            return value
        return self.parse(value) if isinstance(value, str) else self._validated(self._from_data, value)

    def _validated(self, convert: Callable[[Any], Any], data: Any) -> Any:
        try:
            return convert(data)
        except ValueError as error:  # what all of these libraries raise
            raise Refused(
                f"not a {self.name}: {error}", "write its fields as JSON, or @FILE for a file of it"
            ) from None

    def text(self, value: Any) -> str:
        """As JSON."""
        return self._to_json(value)


def _structured(kind: type) -> Kind:
    import msgspec  # flows without such parameters do not wait for it

    return Model(
        kind,
        lambda text: msgspec.json.decode(text, type=kind),
        lambda data: msgspec.convert(data, kind),
        lambda value: msgspec.json.encode(value).decode(),
    )


class Converted(Kind):
    """A type of click's own."""

    def __init__(self, kind: Any) -> None:
        self._kind = kind
        self.name = str(kind.name)
        choices = getattr(kind, "choices", ())
        self.choices = tuple(map(str, choices))
        self.metavar = "|".join(self.choices) or self.name.upper().replace(" ", "_")

    def parse(self, text: str) -> Any:
        """As click converts it."""
        return self.check(text)

    def check(self, value: Any) -> Any:
        """Likewise."""
        try:
            return self._kind.convert(value, None, None)
        except Exception as error:  # noqa: BLE001 - click is not known here, nor what a type of a user's raises
            raise Refused(str(getattr(error, "message", error))) from None


def _file_text(text: str) -> str:
    """What a file holds, for `@file`; else the text itself."""
    if not text.startswith("@"):
        return text
    try:
        return Path(text[1:]).expanduser().read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        problem = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise Refused(f"the file {text[1:]} cannot be read: {problem}") from None


def choice_of(values: Any) -> Kind:
    """The kind for `choices=[...]`. Raises Refused for nothing to choose from, and for texts that stand for two."""
    try:
        listed_values = list(values)
    except TypeError:
        raise Refused(f"choices={preview(values)}: a list is expected") from None
    if isinstance(values, type) and issubclass(values, enum.Enum):
        return Member(values)
    if not listed_values:
        raise Refused("choices= is empty")
    texts = [str(value) for value in listed_values]
    if len(set(texts)) < len(texts):
        twice = sorted({text for text in texts if texts.count(text) > 1})
        raise Refused(f"choices= has {listed(twice)} twice")
    return Choice(listed_values)
