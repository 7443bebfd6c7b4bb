"""Flagstone: the paved road for data scientists. Plain Python in, versioned and reproducible models in production out.

    from flagstone import FlowSpec, Parameter, step

Public names are resolved when they are first used, so that `import flagstone` stays light.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from flagstone.dsl.registry import KNOWN, OF_FLOWS
from flagstone.kit import late

if TYPE_CHECKING:
    from flagstone.app.opening import open_task
    from flagstone.client import (
        DataArtifact,
        Flow,
        Metaflow,
        Run,
        Step,
        Task,
        default_metadata,
        default_namespace,
        get_metadata,
        get_namespace,
        inspect_spin,
        metadata,
        namespace,
    )
    from flagstone.client.runner import NBRunner, Runner
    from flagstone.dsl.caught import CaughtException, TimeoutException
    from flagstone.dsl.config_parsers import (
        conda_environment_yml_parser,
        pyproject_toml_parser,
        requirements_txt_parser,
        yaml_parser,
    )
    from flagstone.dsl.config_value import ConfigValue
    from flagstone.dsl.current import current
    from flagstone.dsl.decorators import (
        airflow_external_task_sensor,
        airflow_s3_key_sensor,
        batch,
        card,
        catch,
        conda,
        conda_base,
        environment,
        exit_hook,
        kubernetes,
        parallel,
        project,
        pypi,
        pypi_base,
        pytorch_parallel,
        resources,
        retry,
        schedule,
        secrets,
        timeout,
        trigger,
        trigger_on_finish,
    )
    from flagstone.dsl.delayed import config_expr
    from flagstone.dsl.flow import FlowSpec
    from flagstone.dsl.mutable import MutableFlow, MutableStep
    from flagstone.dsl.mutators import FlowMutator, StepMutator
    from flagstone.dsl.packaged import package_sources, package_suffixes
    from flagstone.dsl.parameters import JSONType, JSONTypeClass
    from flagstone.dsl.step import step
    from flagstone.dsl.typed import Config, IncludeFile, Parameter
    from flagstone.dsl.unbounded import UnboundedForeachInput
    from flagstone.dsl.user_decorators import USER_SKIP_STEP, UserStepDecorator, user_step_decorator
    from flagstone.tools.event_names import namespaced_event_name
    from flagstone.tools.explained import S3, DeployedFlow, Deployer, NBDeployer
    from flagstone.tools.parallel import parallel_imap_unordered, parallel_map
    from flagstone.tools.profiling import profile

__version__ = "0.1.0"

late.bind("script", "flagstone.cli.script:script")
late.bind("flow_run", "flagstone.app.calling:run")
late.bind("flow_resume", "flagstone.app.calling:resume")
late.bind("flow_in_memory", "flagstone.app.in_memory:run")
late.bind("context_in_memory", "flagstone.app.in_memory:context")
late.bind("middleware", "flagstone.app.backends:chain")
late.bind("settings", "flagstone.app.settings:load")
late.bind("workspace", "flagstone.app.workspace:default")
late.bind("client_task", "flagstone.client:Task")
late.bind("client_run", "flagstone.client:Run")
late.bind("client_in_home", "flagstone.client.scope:in_home")

_PUBLIC = {
    "FlowSpec": "flagstone.dsl.flow:FlowSpec",
    "step": "flagstone.dsl.step:step",
    "Parameter": "flagstone.dsl.parameters:Parameter",
    "JSONType": "flagstone.dsl.parameters:JSONType",
    "JSONTypeClass": "flagstone.dsl.parameters:JSONTypeClass",
    "Config": "flagstone.dsl.configs:Config",
    "ConfigValue": "flagstone.dsl.config_value:ConfigValue",
    "config_expr": "flagstone.dsl.delayed:config_expr",
    "IncludeFile": "flagstone.dsl.includes:IncludeFile",
    "yaml_parser": "flagstone.dsl.config_parsers:yaml_parser",
    "requirements_txt_parser": "flagstone.dsl.config_parsers:requirements_txt_parser",
    "pyproject_toml_parser": "flagstone.dsl.config_parsers:pyproject_toml_parser",
    "conda_environment_yml_parser": "flagstone.dsl.config_parsers:conda_environment_yml_parser",
    "open_task": "flagstone.app.opening:open_task",
    **KNOWN,
    **OF_FLOWS,
    "UnboundedForeachInput": "flagstone.dsl.unbounded:UnboundedForeachInput",
    "CaughtException": "flagstone.dsl.caught:CaughtException",
    "TimeoutException": "flagstone.dsl.caught:TimeoutException",
    "current": "flagstone.dsl.current:current",
    "parallel_map": "flagstone.tools.parallel:parallel_map",
    "parallel_imap_unordered": "flagstone.tools.parallel:parallel_imap_unordered",
    "profile": "flagstone.tools.profiling:profile",
    "namespaced_event_name": "flagstone.tools.event_names:namespaced_event_name",
    **{name: f"flagstone.tools.explained:{name}" for name in ("Deployer", "NBDeployer", "DeployedFlow", "S3")},
    "FlowMutator": "flagstone.dsl.mutators:FlowMutator",
    "StepMutator": "flagstone.dsl.mutators:StepMutator",
    "package_sources": "flagstone.dsl.packaged:package_sources",
    "package_suffixes": "flagstone.dsl.packaged:package_suffixes",
    "MutableFlow": "flagstone.dsl.mutable:MutableFlow",
    "MutableStep": "flagstone.dsl.mutable:MutableStep",
    "UserStepDecorator": "flagstone.dsl.user_decorators:UserStepDecorator",
    "user_step_decorator": "flagstone.dsl.user_decorators:user_step_decorator",
    "USER_SKIP_STEP": "flagstone.dsl.user_decorators:USER_SKIP_STEP",
    "Runner": "flagstone.client.runner:Runner",
    "NBRunner": "flagstone.client.runner:NBRunner",
    **{
        name: f"flagstone.client:{name}"
        for name in (
            "DataArtifact",
            "Flow",
            "Metaflow",
            "Run",
            "Step",
            "Task",
            "default_metadata",
            "default_namespace",
            "get_metadata",
            "get_namespace",
            "inspect_spin",
            "metadata",
            "namespace",
        )
    },
}

_MODULES = ("cards", "client", "datatools", "exception", "integrations", "plugins")  # `flagstone.cards.Markdown`

__all__ = [
    "S3",
    "USER_SKIP_STEP",
    "CaughtException",
    "Config",
    "ConfigValue",
    "DataArtifact",
    "DeployedFlow",
    "Deployer",
    "Flow",
    "FlowMutator",
    "FlowSpec",
    "IncludeFile",
    "JSONType",
    "JSONTypeClass",
    "Metaflow",
    "MutableFlow",
    "MutableStep",
    "NBDeployer",
    "NBRunner",
    "Parameter",
    "Run",
    "Runner",
    "Step",
    "StepMutator",
    "Task",
    "TimeoutException",
    "UnboundedForeachInput",
    "UserStepDecorator",
    "airflow_external_task_sensor",
    "airflow_s3_key_sensor",
    "batch",
    "card",
    "catch",
    "conda",
    "conda_base",
    "conda_environment_yml_parser",
    "config_expr",
    "current",
    "default_metadata",
    "default_namespace",
    "environment",
    "exit_hook",
    "get_metadata",
    "get_namespace",
    "inspect_spin",
    "kubernetes",
    "metadata",
    "namespace",
    "namespaced_event_name",
    "open_task",
    "package_sources",
    "package_suffixes",
    "parallel",
    "parallel_imap_unordered",
    "parallel_map",
    "profile",
    "project",
    "pypi",
    "pypi_base",
    "pyproject_toml_parser",
    "pytorch_parallel",
    "requirements_txt_parser",
    "resources",
    "retry",
    "schedule",
    "secrets",
    "step",
    "timeout",
    "trigger",
    "trigger_on_finish",
    "user_step_decorator",
    "yaml_parser",
]


def __getattr__(name: str) -> Any:
    target = _PUBLIC.get(name)
    if target is None and name in _MODULES:
        return import_module(f"flagstone.{name}")
    if target is None:
        raise AttributeError(f"module 'flagstone' has no attribute {name!r}")
    value = late.load(target)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_PUBLIC})


class _Package(ModuleType):
    """The package as users see it: loading the room `flagstone.metadata` does not hide the function `metadata`."""

    def __setattr__(self, name: str, value: Any) -> None:
        if not (name in _PUBLIC and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
