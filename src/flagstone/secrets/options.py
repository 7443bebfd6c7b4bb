"""What the back ends have in common: their options, one value or several in a secret, packages that are extras."""

import json
from collections.abc import Collection, Mapping
from importlib import import_module
from typing import Any, NoReturn

from flagstone.model.errors import MissingExtra, SecretUnavailable
from flagstone.model.secrets import Source, variable_of


def refuse(source: Source, problem: str, hint: str = "") -> NoReturn:
    """Raises SecretUnavailable."""
    raise SecretUnavailable(source=source.text, problem=problem, hint=hint)


def check_options(source: Source, known: Collection[str]) -> None:
    """Whether the source says only what its back end understands. Raises SecretUnavailable."""
    unknown = sorted(set(source.options) - set(known))
    if unknown:
        refuse(source, f"it has no option {unknown[0]!r}", f"its options are {', '.join(sorted(known)) or 'none'}")


def variables(source: Source, name: str, value: str, *, several: bool) -> Mapping[str, str]:
    """A secret as environment variables: one, or with `several` each key of the JSON object that it is.

    The options `json` and `env_var_name` say it otherwise.
    """
    if source.options.get("json", several):
        return _keys(source, value)
    return {variable_of(str(source.options.get("env_var_name") or name)): value}


def _keys(source: Source, value: str) -> dict[str, str]:
    hint = "give it the option json=False to take it as one value"
    try:
        found = json.loads(value)
    except ValueError:
        refuse(source, "it is not JSON", hint)
    if not isinstance(found, dict):
        refuse(source, "it is not a JSON object of names and values", hint)
    return {variable_of(key): one if isinstance(one, str) else json.dumps(one) for key, one in found.items()}


def extra(name: str, module: str) -> Any:
    """A package that is installed on demand. Raises MissingExtra, which says how."""
    try:
        return import_module(module)
    except ImportError:
        raise MissingExtra(what="this source of secrets", package=f"flagstone[{name}]") from None
