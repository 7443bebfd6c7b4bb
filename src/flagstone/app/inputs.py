"""What a run starts from: the values of its parameters and configs, and how they are recorded."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from flagstone.app.options import RunOptions
from flagstone.dsl.config_value import ConfigValue
from flagstone.dsl.flow import FlowSpec
from flagstone.dsl.parameters import ParameterContext
from flagstone.kit.plain import json_text


class Values(Struct, frozen=True):
    """The values of the parameters by attribute, and the JSON texts by which they are recorded and filtered."""

    parameters: dict[str, Any]
    texts: dict[str, str]


class Before(Struct, frozen=True):
    """The same of the run that is resumed."""

    parameters: Mapping[str, Any]
    texts: Mapping[str, str]


def given_values(flow: type[FlowSpec], options: RunOptions, user: str, before: Before | None = None) -> Values:
    """The parameters' values: given, else those of the origin, else their defaults. Raises InvalidParameter."""
    shape = flow.__flagstone__
    configs = ConfigValue(shape.config_values or {})
    values: dict[str, Any] = {}
    texts: dict[str, str] = {}
    for attribute, parameter in shape.parameters.items():
        if attribute in options.parameters:
            given = options.parameters[attribute]
            values[attribute] = parameter.check(given)
            texts[attribute] = json_text(parameter.recorded(values[attribute], given))
        elif before is not None and attribute in before.parameters:
            values[attribute], texts[attribute] = before.parameters[attribute], before.texts.get(attribute, "null")
        else:
            context = ParameterContext(flow.__name__, user, parameter.name, print, configs=configs)
            values[attribute] = parameter.resolve(context)
            texts[attribute] = json_text(parameter.recorded(values[attribute], None))
    return Values(values, texts)
