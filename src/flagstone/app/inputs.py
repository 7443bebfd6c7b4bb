"""What a run starts from: the values of its parameters and configs, and how they are recorded."""

from collections.abc import Mapping
from typing import Any

from msgspec import Raw, Struct

from flagstone.app.options import RunOptions
from flagstone.dsl.config_value import ConfigValue
from flagstone.dsl.flow import FlowSpec
from flagstone.dsl.parameters import ParameterContext
from flagstone.kit.plain import json_text


class Values(Struct, frozen=True):
    """The parameters by attribute: new values, those of an earlier run as they are stored, and the texts of all.

    The texts are JSON: what people are shown, and what runs are found by.
    """

    new: dict[str, Any]
    kept: dict[str, Raw]
    texts: dict[str, str]


class Before(Struct, frozen=True):
    """The parameters of the run that goes on, likewise."""

    parameters: Mapping[str, Raw]
    texts: Mapping[str, str]


def given_values(flow: type[FlowSpec], options: RunOptions, user: str, before: Before | None = None) -> Values:
    """The parameters' values: given, else those of the origin, else their defaults. Raises InvalidParameter."""
    shape = flow.__flagstone__
    configs = ConfigValue(shape.config_values or {})
    values: dict[str, Any] = {}
    kept: dict[str, Raw] = {}
    texts: dict[str, str] = {}
    for attribute, parameter in shape.parameters.items():
        if attribute in options.parameters:
            given = options.parameters[attribute]
            values[attribute] = parameter.check(given)
            texts[attribute] = json_text(parameter.recorded(values[attribute], given))
        elif before is not None and attribute in before.parameters:
            kept[attribute], texts[attribute] = before.parameters[attribute], before.texts.get(attribute, "null")
        else:
            context = ParameterContext(flow.__name__, user, parameter.name, print, configs=configs)
            values[attribute] = parameter.resolve(context)
            texts[attribute] = json_text(parameter.recorded(values[attribute], None))
    return Values(values, kept, texts)
