"""Settles the configs of a flow: with what the command line and the environment give, or as in a recorded run."""

import json
import os
from collections.abc import Sequence
from typing import Any

from flagstone.app import settings as settings_of
from flagstone.dsl import configuring
from flagstone.dsl.config_reading import Given
from flagstone.dsl.flow import FlowSpec
from flagstone.model.artifacts import decode_artifact, decode_manifest
from flagstone.model.errors import InvalidConfig
from flagstone.ports.artifact_store import ArtifactStore

FILES = ("FLAGSTONE_FLOW_CONFIG", "METAFLOW_FLOW_CONFIG")
VALUES = ("FLAGSTONE_FLOW_CONFIG_VALUE", "METAFLOW_FLOW_CONFIG_VALUE")

Pairs = Sequence[tuple[str, Any]]  # names with files, or with values or their texts


def offer(flow: type[FlowSpec], files: Pairs = (), values: Pairs = ()) -> None:
    """Say what `--config NAME FILE` and `--config-value NAME JSON` gave for a flow, and else the environment.

    Nothing is read before someone needs it. Raises InvalidConfig.
    """
    given = _environment(flow) | _arguments(files, values)
    configuring.offer(flow, given, settings_of.load().user)


def configure_as_recorded(flow: type[FlowSpec], constants: bytes, artifacts: ArtifactStore) -> None:
    """Settle a flow with the configs of a recorded run, whose `constants` these are: everywhere, decorators included.

    For whatever goes on with a run: `resume`, `spin`, a task in an interpreter of its own. A config that the run did
    not have yet is read as usual.
    """
    shape = flow.__flagstone__
    if not shape.delays:
        return
    if shape.config_sources is None:
        offer(flow)
    recorded = decode_manifest(constants).artifacts
    values = {
        name: artifacts.load(decode_artifact(recorded[name]), name=name, track=False).value
        for name in shape.configs
        if name in recorded
    }
    configuring.settle_with(flow, values)


def _arguments(files: Pairs, values: Pairs) -> dict[str, Given]:
    given: dict[str, Given] = {}
    for option, pairs in (("--config", files), ("--config-value", values)):
        for name, text in pairs:
            earlier = given.get(name)
            if earlier is not None and earlier.source != option:
                problem = f"it is given by {earlier.source} and by {option}"
                raise InvalidConfig(name=f"config {name!r}", problem=problem, hint="keep the one that is meant")
            given[name] = Given(option, file=text) if option == "--config" else Given(option, value=text)
    return given


def _environment(flow: type[FlowSpec]) -> dict[str, Given]:
    """What the environment gives for the configs that this flow has: others are another flow's."""
    names = {config._flagstone_spec.name for config in flow.__flagstone__.configs.values()}
    given: dict[str, Given] = {}
    for variables in (FILES, VALUES):
        for name, value in _variable(variables).items():
            if name not in names:
                continue
            if name in given:
                problem = f"it is given by {given[name].source} and by {variables[0]}"
                raise InvalidConfig(name=f"config {name!r}", problem=problem, hint="keep the one that is meant")
            given[name] = (
                Given(variables[0], file=str(value)) if variables is FILES else Given(variables[0], value=value)
            )
    return given


def _variable(names: Sequence[str]) -> dict[str, Any]:
    for name in names:
        text = os.environ.get(name)
        if text:
            break
    else:
        return {}
    try:
        found = json.loads(text)
    except ValueError as error:
        found, why = None, str(error)
    else:
        why = "it is of another type"
    if not isinstance(found, dict):
        problem = f"the variable is not a JSON object of config names: {why}"
        raise InvalidConfig(name=name, problem=problem, hint='write it as in {"cfg": ...}')
    return found
