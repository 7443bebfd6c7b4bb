"""A flow's parameters as options of `run`."""

import os
from typing import Any, NamedTuple

import click

from flagstone.dsl.flow import FlowSpec
from flagstone.dsl.parameters import Parameter
from flagstone.model.errors import InvalidParameter

PREFIXES = ("FLAGSTONE_RUN_", "METAFLOW_RUN_")


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


class ParameterOption(click.Option):
    """An option that says where a wrong value comes from when nobody typed it."""

    def process_value(self, ctx: click.Context, value: Any) -> Any:
        """Parse the text. Raises InvalidParameter, which names the variable."""
        try:
            return super().process_value(ctx, value)
        except (InvalidParameter, click.BadParameter) as error:
            variable = self._variable(ctx)
            if variable is None:
                raise
            raise InvalidParameter(
                name=self.opts[0].lstrip("-"),
                problem=f"{_problem(error)} (the environment has {variable})",
                hint=getattr(error, "hint", ""),
                where=getattr(error, "where", None),
            ) from None

    def _variable(self, ctx: click.Context) -> str | None:
        """The environment variable that this value comes from; None when it comes from elsewhere."""
        if ctx.get_parameter_source(self.name or "") is not click.core.ParameterSource.ENVIRONMENT:
            return None
        names = [self.envvar] if isinstance(self.envvar, str) else self.envvar or []
        return next((name for name in names if os.environ.get(name)), None)


def _problem(error: InvalidParameter | click.BadParameter) -> str:
    return error.message if isinstance(error, click.BadParameter) else str(error.fields["problem"])


def variables(parameter: Parameter) -> list[str]:
    """The environment variables that give a parameter of `run` its value, the first that is set."""
    return [prefix + parameter.name.upper().replace("-", "_") for prefix in PREFIXES]


def _option(parameter: Parameter, resuming: bool) -> click.Option:
    name = parameter.name
    names = [f"--{name}", _key(parameter.attribute)]
    common: dict[str, Any] = {
        "default": None,
        "help": _help(parameter, resuming),
        "hidden": parameter.hidden,
        "envvar": None if resuming else variables(parameter),
    }
    if parameter.is_flag:
        return ParameterOption([f"--{name}/--no-{name}", names[1]], **common)

    def read(text: str) -> _Given:
        return _Given(parameter.parse(text))

    return ParameterOption(names, type=read, metavar=parameter.metavar, multiple=parameter.multiple, **common)


def _help(parameter: Parameter, resuming: bool) -> str:
    extra = []
    if resuming:
        extra.append("default: as in the run that is resumed")
    elif parameter.required:
        extra.append("required")
    elif parameter.show_default and callable(parameter.default):
        extra.append("default: computed at the start")
    elif parameter.show_default and parameter.default_text() is not None:
        extra.append(f"default: {parameter.default_text()}")
    if not resuming:
        extra.append(f"env: {variables(parameter)[0]}")
    return "  ".join(part for part in (parameter.help, *(f"[{one}]" for one in extra)) if part)
