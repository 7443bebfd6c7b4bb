"""From keyword arguments to what a flow's command line takes: its words, and the values of parameters as JSON."""

import json
import os
from collections.abc import Iterator, Mapping
from datetime import date
from enum import Enum
from typing import Any

import msgspec

from flagstone.model.driving import Asked
from flagstone.model.errors import InvalidParameter

# Options of `run` and `resume`, by the names that they have here.
OPTIONS = {
    "tags": "--tag",
    "tag": "--tag",
    "max_workers": "--max-workers",
    "max_num_splits": "--max-num-splits",
    "max_log_size": "--max-log-size",
    "namespace": "--namespace",
    "user_namespace": "--namespace",
    "run_id_file": "--run-id-file",
    "isolation": "--isolation",
    "keep_going": "--keep-going",
}
_NAMES = {"decospecs": "--with", "with_": "--with"}


def words(options: Mapping[str, Any]) -> list[str]:
    """Options as words. None and False leave one out; a list repeats it; a pair inside a list gives two values."""
    return [word for name, value in options.items() for word in _option(name, value)]


def asked(parameters: Mapping[str, Any]) -> bytes:
    """Parameters for another process. Raises InvalidParameter for a value that JSON cannot carry."""
    return msgspec.json.encode(Asked({name: _carried(name, value) for name, value in parameters.items()}))


def split(given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Keyword arguments parted into options of the verb and the rest."""
    options = {name: value for name, value in given.items() if name in OPTIONS}
    return options, {name: value for name, value in given.items() if name not in OPTIONS}


def _option(name: str, value: Any) -> Iterator[str]:
    option = OPTIONS.get(name) or _NAMES.get(name) or f"--{name.replace('_', '-')}"
    if value is None or value is False:
        return
    if value is True:
        yield option
        return
    if not isinstance(value, list | tuple | set | frozenset):
        value = (value,)
    for one in value:
        yield option
        yield from map(_word, one if isinstance(one, tuple) else (one,))


def _word(value: Any) -> str:
    return json.dumps(value) if isinstance(value, dict) else str(value)


def _carried(name: str, value: Any) -> Any:
    """The value in JSON's types. NaN and infinities have none there, so they go as texts."""
    try:
        text = json.dumps(value, default=_simpler)
    except (TypeError, ValueError) as error:
        problem = f"{value!r} cannot be handed to the flow's process ({error})"
        raise InvalidParameter(name=name, problem=problem, hint="give a text, a number, a list or a dict") from None
    if isinstance(value, float) and value - value != 0:
        return str(value)
    return json.loads(text)


def _simpler(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, set | frozenset):
        return sorted(value)
    for method in ("model_dump", "tolist"):  # pydantic's models; numpy's numbers and arrays
        if hasattr(value, method):
            return getattr(value, method)()
    return msgspec.to_builtins(value)  # records of any kind; raises TypeError for the rest
