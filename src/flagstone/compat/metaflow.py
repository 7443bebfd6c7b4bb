"""Importing this file lets `from metaflow import ...` mean Flagstone, in this process and in those that it starts.

    import flagstone.compat.metaflow  # first, in a script or a notebook
    flagstone run --compat metaflow old_flow.py
    FLAGSTONE_COMPAT=metaflow flagstone run old_flow.py

An installed Metaflow stays as it is: the alias comes first in processes that ask for it, and nowhere else.
"""

import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from importlib.abc import Loader
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

from flagstone.model.errors import InvalidSetting, SetupError

ALIAS = "metaflow"
VERSION = "2.19.38"  # the release whose vocabulary this is
ASKED = "FLAGSTONE_COMPAT"  # in the environment, it reaches task processes as well

# Where the names of each module of theirs are found here; what is not a module of ours is found at the top.
MODULES = {
    "": "flagstone",
    **{
        name: f"flagstone.{name}"
        for name in ("cards", "client", "datatools", "exception", "integrations", "plugins", "plugins.secrets")
    },
    **dict.fromkeys(
        (
            "events",
            "flowspec",
            "includefile",
            "metaflow_current",
            "metaflow_profile",
            "multicore_utils",
            "parameters",
            "plugins.datatools",
            "plugins.package_suffixes_mutator",
            "runner",
            "runner.deployer",
            "runner.metaflow_runner",
            "runner.nbdeploy",
            "runner.nbrun",
            "unbounded_foreach",
            "user_configs",
            "user_configs.config_parameters",
            "user_decorators",
            "user_decorators.mutable_flow",
            "user_decorators.mutable_step",
            "user_decorators.user_flow_decorator",
            "user_decorators.user_step_decorator",
        ),
        "flagstone",
    ),
    "client.core": "flagstone.client",
    "plugins.cards.exception": "flagstone.exception",
    "plugins.timeout_decorator": "flagstone.exception",
    "plugins.catch_decorator": "flagstone.exception",
    "plugins.datatools.s3": "flagstone.datatools",
    "plugins.datatools.s3.s3": "flagstone.datatools",
}

# Their variables that mean something here, and the variable of ours that each is the fallback of.
VARIABLES = {
    "METAFLOW_USER": "FLAGSTONE_USER",
    "METAFLOW_DEFAULT_DECOSPECS": "FLAGSTONE_WITH",
    "METAFLOW_DECOSPECS": "FLAGSTONE_WITH",
    "METAFLOW_RUN_MAX_WORKERS": "FLAGSTONE_MAX_WORKERS",
    "METAFLOW_RUN_NAMESPACE": "FLAGSTONE_NAMESPACE",
}
# Those that the command line reads by these very names, and those that say where the rest are written.
READ_AS_THEY_ARE = ("METAFLOW_RUN_", "METAFLOW_FLOW_CONFIG", "METAFLOW_HOME", "METAFLOW_PROFILE")


def install() -> None:
    """Let the alias come first from now on. Raises SetupError when the real Metaflow was imported before."""
    if any(isinstance(finder, _Finder) for finder in sys.meta_path):
        return
    loaded = sys.modules.get(ALIAS)
    if loaded is not None:
        place = getattr(loaded, "__file__", None) or "this process"
        raise SetupError(
            message=f"the module metaflow is imported already, from {place}",
            hint="import flagstone.compat.metaflow before anything that imports metaflow",
        )
    sys.meta_path.insert(0, _Finder())
    os.environ[ASKED] = ALIAS
    for name, value in variables(os.environ, configured(os.environ, Path.cwd)).items():
        os.environ.setdefault(name, value)


# --- modules -------------------------------------------------------------------------------------------------------


class _Alias(ModuleType):
    """A module of theirs by name, whose content is ours."""

    def __getattr__(self, name: str) -> Any:
        if name == "__version__":
            return f"{VERSION}+flagstone.{import_module('flagstone').__version__}"
        if name.startswith("__") and name != "__all__":
            raise AttributeError(name)
        target = import_module(MODULES[self.__name__.partition(".")[2]])
        try:
            return getattr(target, name)
        except AttributeError:
            message = f"{self.__name__} has no {name!r} in the vocabulary that Flagstone shares with Metaflow"
            raise AttributeError(message) from None

    def __dir__(self) -> list[str]:
        return dir(import_module(MODULES[self.__name__.partition(".")[2]]))


class _Finder(Loader):
    """Finds `metaflow` and what is below it; knows nothing else."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The alias of a module of theirs. Raises ModuleNotFoundError for one that has no counterpart here."""
        del path, target
        top, _, rest = name.partition(".")
        if top != ALIAS:
            return None
        if rest in MODULES:
            return ModuleSpec(name, self, origin="flagstone.compat.metaflow", is_package=True)
        if rest == "__main__":
            raise ModuleNotFoundError("the `metaflow` command is not here: the `flagstone` command is", name=name)
        raise ModuleNotFoundError(
            f"{name} is not part of the vocabulary that Flagstone shares with Metaflow: it has"
            f" {', '.join(f'{ALIAS}.{module}' for module in MODULES if module)}",
            name=name,
        )

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """An alias."""
        module = _Alias(spec.name, f"{spec.name}, as Flagstone understands it.")
        module.__file__ = __file__  # so that an import error names a place
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Nothing runs: names are looked up when they are used."""


# --- variables -----------------------------------------------------------------------------------------------------


def variables(environment: Mapping[str, str], files: Mapping[str, str]) -> dict[str, str]:
    """What their variables come to in ours; the environment goes before the configuration files."""
    found: dict[str, str] = {}
    for source in (environment, files):
        for theirs, value in source.items():
            if theirs in VARIABLES:
                found.setdefault(VARIABLES[theirs], value)
            elif theirs.startswith(READ_AS_THEY_ARE) and source is files:
                found.setdefault(theirs, value)
    return found


def without_meaning(environment: Mapping[str, str]) -> list[str]:
    """The names of their variables that are set and change nothing here, in order."""
    return sorted(
        name
        for name in environment
        if name.startswith("METAFLOW_") and name not in VARIABLES and not name.startswith(READ_AS_THEY_ARE)
    )


def configured(environment: Mapping[str, str], here: Any = Path.cwd) -> dict[str, str]:
    """The variables that their configuration files set: the project's before the person's. Raises InvalidSetting."""
    home = Path(environment.get("METAFLOW_HOME") or "~/.metaflowconfig").expanduser()
    profile = environment.get("METAFLOW_PROFILE")
    found: dict[str, str] = {}
    for path in (*_project_files(here), home / (f"config_{profile}.json" if profile else "config.json")):
        for name, value in _read(path).items():
            found.setdefault(name, value if isinstance(value, str) else json.dumps(value))
    return found


def _project_files(here: Any) -> Iterable[Path]:
    try:
        start: Path = here()
    except FileNotFoundError:  # the folder that one stands in was removed
        return ()
    candidates = (folder / ".metaflow" / "config.json" for folder in (start, *start.parents))
    return [path for path in candidates if path.is_file()][:1]


def _read(path: Path) -> dict[str, Any]:
    try:
        values = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        problem = f"not readable JSON: {error}"
        raise InvalidSetting(setting="file", value=str(path), problem=problem, source=str(path)) from None
    if not isinstance(values, dict):
        raise InvalidSetting(setting="file", value=str(path), problem="a JSON object is expected", source=str(path))
    return {name if name.startswith("METAFLOW_") else f"METAFLOW_{name}": value for name, value in values.items()}


install()
