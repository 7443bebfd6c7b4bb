"""From what was given for a config to its value: finds the file, parses the text, says what is wrong with either."""

import contextlib
import json
import os
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from flagstone.dsl.config_parsers import parser_called, parser_for
from flagstone.dsl.config_value import ConfigValue
from flagstone.dsl.configs import ConfigSpec
from flagstone.dsl.parameters import ParameterContext
from flagstone.dsl.source import shown
from flagstone.model.errors import FlagstoneError, InvalidConfig, MissingExtra

VALUE_DEFAULT = "its default_value"


class Given(NamedTuple):
    """What someone gave for one config: a file, or else a value or its text; and by what means."""

    source: str
    file: str | None = None
    value: Any = None


class Sources(NamedTuple):
    """Everything that was given for the configs of a flow, by their names, and who asks."""

    given: Mapping[str, Given] = MappingProxyType({})
    user: str = ""
    folder: str = ""  # of the flow's file
    flow: str = ""


def read_config(spec: ConfigSpec, sources: Sources) -> Any:
    """The value of a config: what was given, else its default; None when there is neither. Raises InvalidConfig."""
    given = sources.given.get(spec.name)
    if given is None:
        return _default(spec, sources)
    if given.file is not None:
        return _checked(spec, _of_file(spec, given.file, [""], given.source), given.source)
    return _checked(spec, _of_value(spec, given.value, given.source), given.source)


def _default(spec: ConfigSpec, sources: Sources) -> Any:
    if spec.required:
        way = f"--config {spec.name} FILE or --config-value {spec.name} JSON"
        raise spec.wrong("it is required", f"give {way} before the verb")
    context = ParameterContext(sources.flow, sources.user, spec.name, print)
    if spec.default is not None:
        path = _called(spec, "default", spec.default, context)
        if path is None:
            return None
        return _checked(spec, _of_file(spec, os.fspath(path), ["", sources.folder], "its default"), "its default")
    if spec.default_value is not None:
        value = _called(spec, "default_value", spec.default_value, context)
        if value is None:
            return None
        return _checked(spec, _of_value(spec, value, VALUE_DEFAULT), VALUE_DEFAULT)
    return None


def _called(spec: ConfigSpec, field: str, value: Any, context: ParameterContext) -> Any:
    """A default, computed if it is a function of a ParameterContext or of nothing."""
    if not callable(value):
        return value
    takes = getattr(getattr(value, "__code__", None), "co_argcount", 1)
    try:
        return value(context) if takes else value()
    except Exception as error:
        raise spec.wrong(f"the function of its {field} raised {type(error).__name__}: {error}") from error


def _of_file(spec: ConfigSpec, file: str, folders: list[str], source: str) -> Any:
    places = dict.fromkeys(os.path.join(folder, os.path.expanduser(file)) for folder in folders)
    for place in places:
        try:
            with open(place, encoding="utf-8") as handle:
                text = handle.read()
        except FileNotFoundError:
            continue
        except (OSError, UnicodeDecodeError) as error:
            problem = getattr(error, "strerror", None) or "it is not UTF-8 text"
            raise spec.wrong(f"{shown(place)} ({source}) cannot be read: {problem}") from None
        return _parsed(spec, text, parser_for(place), f"{shown(place)} ({source})")
    raise spec.wrong(
        f"there is no file {' nor '.join(dict.fromkeys(map(shown, places)))} ({source})",
        f"write the file, or give another one: --config {spec.name} FILE, before the verb",
    )


def _of_value(spec: ConfigSpec, value: Any, source: str) -> Any:
    """A text is parsed; one that was given is understood as JSON too, whatever the parser is.

    Anything else is the value.
    """
    if not isinstance(value, str):
        return value
    if spec.parser is not None and source != VALUE_DEFAULT:
        parser_called(spec.parser, spec)
        with contextlib.suppress(InvalidConfig):
            return _parsed(spec, value, None, source)
        with contextlib.suppress(ValueError):
            return json.loads(value)
    return _parsed(spec, value, None, source)


def _parsed(spec: ConfigSpec, text: str, usual: Callable[[str], Any] | None, what: str) -> Any:
    """What a text says, by the config's own parser, else by the usual one, else as JSON; a plain one is the text."""
    if spec.plain and spec.parser is None:
        return text
    parser = parser_called(spec.parser, spec) if spec.parser is not None else usual
    try:
        return json.loads(text) if parser is None else parser(text)
    except MissingExtra:
        raise
    except FlagstoneError as error:
        raise spec.wrong(f"{what}: {error.message_text}", error.hint) from error
    except Exception as error:
        if parser is None:
            hint = "write JSON, name the file .toml or .yaml, or give Config a parser="
            raise spec.wrong(f"{what} is not JSON: {error}", hint) from None
        name = getattr(parser, "__name__", "its parser")
        raise spec.wrong(f"{what}: {name} raised {type(error).__name__}: {error}") from error


def _checked(spec: ConfigSpec, value: Any, source: str) -> Any:
    """The value as steps see it: a ConfigValue, unless the config is plain."""
    if spec.plain:
        return value
    if not isinstance(value, Mapping):
        problem = f"{source} gives a value of type {type(value).__name__}, and a mapping is expected"
        raise spec.wrong(problem, "say Config(..., plain=True) for values of any type")
    return ConfigValue(value)
