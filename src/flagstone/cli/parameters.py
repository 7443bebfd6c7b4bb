"""A flow's parameters as options of `run`."""

from typing import Any, NamedTuple

import click

from flagstone.dsl.flow import FlowSpec
from flagstone.dsl.parameters import Parameter

_METAVARS = {"str": "TEXT", "int": "INTEGER", "float": "NUMBER", "bool": "true|false", "json": "JSON"}


def parameter_options(flow: type[FlowSpec], *, resuming: bool = False) -> list[click.Parameter]:
    """An option for each parameter; `resuming` runs take what is missing from their origin, not from the default."""
    return [_option(parameter, resuming) for parameter in flow.__flagstone__.parameters.values()]


def parameter_values(flow: type[FlowSpec], given: dict[str, Any]) -> dict[str, Any]:
    """The values by attribute of the parameters that were given."""
    found = {attribute: given[_key(attribute)] for attribute in flow.__flagstone__.parameters}
    return {attribute: _value(value) for attribute, value in found.items() if value is not None and value != ()}


class _Given(NamedTuple):
    """What a text stands for, which may be None."""

    value: Any


def _value(given: Any) -> Any:
    if isinstance(given, _Given):
        return given.value
    return [_value(one) for one in given] if isinstance(given, tuple) else given


def _key(attribute: str) -> str:
    """The name under which click hands the value over; no option of `run` itself has this prefix."""
    return f"parameter_{attribute}"


def _option(parameter: Parameter, resuming: bool) -> click.Option:
    name = parameter.name
    names = [f"--{name}", _key(parameter.attribute)]
    common: dict[str, Any] = {
        "default": None,
        "help": _help(parameter, resuming),
        "envvar": f"FLAGSTONE_RUN_{name.upper().replace('-', '_')}",
    }
    if parameter.is_flag:
        return click.Option([f"--{name}/--no-{name}", names[1]], **common)

    def read(text: str) -> _Given:
        return _Given(parameter.parse(text))

    metavar = _METAVARS[parameter.type_name]
    return click.Option(names, type=read, metavar=metavar, multiple=parameter.multiple, **common)


def _help(parameter: Parameter, resuming: bool) -> str:
    if resuming:
        extra = "default: as in the run that is resumed"
    elif parameter.required:
        extra = "required"
    elif parameter.show_default and callable(parameter.default):
        extra = "default: computed at the start"
    elif parameter.show_default and parameter.default_text() is not None:
        extra = f"default: {parameter.default_text()}"
    else:
        extra = ""
    return "  ".join(part for part in (parameter.help, f"[{extra}]" if extra else "") if part)
