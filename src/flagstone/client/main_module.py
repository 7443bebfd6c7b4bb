"""Classes that were pickled from `__main__`: found in the flow's own file, loaded as a module when first needed."""

import contextlib
import os
import sys
from collections.abc import Callable
from operator import attrgetter
from types import ModuleType
from typing import Any

from flagstone.dsl import entry
from flagstone.kit.digest import digest_of
from flagstone.model.errors import FlagstoneError, ModuleFailed
from flagstone.model.plan import Plan

HINTS = {"metaflow": "put `import flagstone.compat.metaflow` first, so that this file's names mean Flagstone"}

_loaded: dict[str, tuple[float, ModuleType]] = {}


def resolver_for(plan: Plan) -> Callable[[str], Any]:
    """A function that finds what the flow's file defines, by its qualified name.

    The file is run, up to the line that starts the flow, when the function is first called: only then, and once as
    long as the file stays as it is. The function raises AttributeError for a name that the file (now) lacks, also
    when there is no such file on this machine, and ModuleFailed when the file fails.
    """

    def find(name: str) -> Any:
        return attrgetter(name)(_module(plan.file))

    return find


def _module(file: str) -> ModuleType:
    try:
        changed = os.stat(file).st_mtime
    except OSError:
        raise AttributeError(f"the flow's file {file} is not on this machine") from None
    found = _loaded.get(file)
    if found is None or found[0] != changed:
        found = _loaded[file] = changed, _load(file)
    return found[1]


def _load(file: str) -> ModuleType:
    """Run the file under a name of its own, so that the part for `__main__` stays out."""
    name = f"flagstone_main_{digest_of(file.encode()).hex()[:12]}"
    module = ModuleType(name)
    module.__file__ = file
    sys.modules[name] = module  # dataclasses and pickle look a class's module up by its name
    sys.path.insert(0, os.path.dirname(file))
    entry.begin_loading(file)
    try:
        with open(file, "rb") as handle:
            code = compile(handle.read(), file, "exec")
        exec(code, vars(module))  # the reader asked for a value that only this file can rebuild
    except entry.FlowFound:
        pass  # a file without the `if __name__ == "__main__"` guard: what it needs is defined by now
    except FlagstoneError:
        raise
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        hint = HINTS.get(error.name or "", "") if isinstance(error, ModuleNotFoundError) else ""
        raise ModuleFailed(file=file, error=f"{type(error).__name__}: {error}", hint=hint) from error
    finally:
        entry.end_loading()
        with contextlib.suppress(ValueError):
            sys.path.remove(os.path.dirname(file))
    return module
