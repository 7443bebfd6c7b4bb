"""Settles a flow: reads its configs, and puts their values where the class body left a place for them.

`offer` says what was given, `settle` reads and replaces, `settle_with` does so with values that are known already, as
those of a recorded run. Everything that looks at a flow's parameters or declarations calls `settle` first; it does
nothing the second time.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from flagstone.dsl import entry
from flagstone.dsl.config_reading import Given, Sources, read_config
from flagstone.dsl.configs import spec_of
from flagstone.dsl.delayed import resolve
from flagstone.dsl.delaying import Postponed, holds_delayed, is_waiting
from flagstone.dsl.mutating import begin_anew
from flagstone.dsl.shape import Shape
from flagstone.dsl.step import declare
from flagstone.model.errors import InvalidConfig


def offer(flow: type, given: Mapping[str, Given], user: str = "") -> Sources:
    """Say what was given for the configs, by name. Raises InvalidConfig for a config that the flow does not have."""
    shape = _shape(flow)
    specs = {_key(spec_of(config).name): spec_of(config) for config in shape.configs.values()}
    found = {}
    for name, what in given.items():
        spec = specs.get(_key(name))
        if spec is None:
            names = ", ".join(sorted(spec.name for spec in specs.values()))
            hint = f"its configs are {names}" if names else "it has no configs"
            raise InvalidConfig(
                name=f"config {name!r}", problem=f"{flow.__name__} has no such config ({what.source})", hint=hint
            )
        found[spec.name] = what
    if shape.config_values is not None:
        begin_anew(flow)
        shape = _shape(flow)
    folder = os.path.dirname(entry.file_of(flow))
    shape.config_sources = Sources(found, user, folder, flow.__name__)
    return shape.config_sources


def settle(flow: type) -> None:
    """Read the configs, unless that is done, and put their values in place. Raises InvalidConfig, MissingExtra."""
    if _shape(flow).config_values is None:
        settle_with(flow, {})


def settle_with(flow: type, values: Mapping[str, Any]) -> None:
    """Settle with these values, by attribute; a config that is not among them is read as usual.

    Nothing is done again for a flow that is settled with the same values.
    """
    shape = _shape(flow)
    if not shape.delays:
        shape.config_values = {}
        return
    sources = shape.config_sources or offer(flow, {})
    known = {
        name: values[name] if name in values else read_config(spec_of(config), sources)
        for name, config in shape.configs.items()
    }
    if shape.config_values != known:
        _apply(flow, known)


def _apply(flow: type, values: dict[str, Any]) -> None:
    """Put the values in place, in a flow as its source says it."""
    sources = _shape(flow).config_sources
    if _shape(flow).config_values is not None:
        begin_anew(flow)
    shape = _shape(flow)
    shape.config_sources, shape.config_values = sources, values
    names = {spec_of(config).name: values[attribute] for attribute, config in shape.configs.items()} | values
    for parameter in shape.parameters.values():
        parameter.settle(lambda given: resolve(given, names))
    for name, constant in shape.delayed_constants.items():
        shape.constants[name] = resolve(constant, names)
        shape.replaced.append((name, vars(flow).get(name)))
        setattr(flow, name, shape.constants[name])
    for step, function in shape.steps.items():
        if any(map(is_waiting, shape.declared[step])):
            shape.declared[step] = _said_again(function, shape.declared[step], names)
    for applied in (*shape.mutators, *(one for several in shape.applied.values() for one in several)):
        applied.args = resolve(applied.args, names)
        applied.kwargs = resolve(applied.kwargs, names)
    shape.said = [_flow_says(said, names) for said in shape.said]
    for what in shape.postponed:
        _call(what, names)(flow)


def _said_again(function: Callable[..., Any], written: Sequence[Any], names: Mapping[str, Any]) -> list[Any]:
    """What the decorators of a step say now that values are known; the step itself stays as it is written."""
    own = vars(function)
    before = own["__flagstone_declarations__"]
    own["__flagstone_declarations__"] = ()
    try:
        for what in written:
            if isinstance(what, Postponed):
                _call(what, names)(function)
            else:
                declare(function, _settled(what, names))
        return list(own["__flagstone_declarations__"])
    finally:
        own["__flagstone_declarations__"] = before


def _flow_says(said: Any, names: Mapping[str, Any]) -> Any:
    """What a decorator of the flow says now that values are known."""
    if not isinstance(said, Postponed):
        return said
    decorator: Any = said.decorator
    return decorator.declaration(resolve(dict(said.kwargs), names))


def _call(what: Postponed, names: Mapping[str, Any]) -> Any:
    return what.decorator(*resolve(what.args, names), **resolve(dict(what.kwargs), names))


def _settled(declaration: Any, names: Mapping[str, Any]) -> Any:
    """A declaration whose fields have values."""
    if not (isinstance(declaration, Struct) and is_waiting(declaration)):
        return declaration
    fields = {name: getattr(declaration, name) for name in declaration.__struct_fields__}
    return replace(
        declaration, **{name: resolve(value, names) for name, value in fields.items() if holds_delayed(value)}
    )


def _shape(flow: type) -> Shape:
    shape: Shape = flow.__flagstone__  # type: ignore[attr-defined]  # every flow has it: see dsl/flow.py
    return shape


def _key(name: str) -> str:
    return name.lower().replace("-", "_")
