"""Artifacts from a file: what `spin --artifacts-module` puts in place of those that a step inherits."""

import sys
import traceback
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from flagstone.model.errors import InvalidSetting, Location, ModuleFailed

NAME = "ARTIFACTS"


def load_overrides(file: str | None) -> dict[str, Any]:
    """The dict ARTIFACTS of a Python file. Raises InvalidSetting, ModuleFailed."""
    if file is None:
        return {}
    path = Path(file).absolute()
    spec = spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise _wrong(file, "there is no such Python file")
    module = module_from_spec(spec)
    sys.modules.setdefault(path.stem, module)  # values of classes that it defines are found there
    sys.path.insert(0, str(path.parent))
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        what = f"{type(error).__name__}: {error}"
        raise ModuleFailed(file=file, error=what, where=_line(error, str(path))) from error
    found = vars(module).get(NAME)
    if not isinstance(found, dict):
        problem = "it does not define ARTIFACTS" if found is None else f"ARTIFACTS is a {type(found).__name__}"
        raise _wrong(file, f"{problem}, and a dict is expected")
    for name in found:
        if not isinstance(name, str) or not name.isidentifier() or name.startswith("_"):
            raise _wrong(file, f"{name!r} cannot be the name of an artifact")
    return dict(found)


def _wrong(file: str, problem: str) -> InvalidSetting:
    hint = "write names and values, as in ARTIFACTS = {'rows': [1, 2]}"
    return InvalidSetting(
        setting="artifacts-module", value=file, problem=problem, source="--artifacts-module", hint=hint
    )


def _line(error: BaseException, file: str) -> Location | None:
    if isinstance(error, SyntaxError):
        return Location(file, error.lineno or 1)
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.filename == file and frame.lineno:
            return Location(file, frame.lineno)
    return None
