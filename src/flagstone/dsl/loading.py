"""Load a flow from a file, as `__main__`, up to the line that starts it."""

import os
import sys
import traceback
from types import CodeType, ModuleType
from typing import Any

from flagstone.dsl import entry
from flagstone.dsl.flow import FlowSpec
from flagstone.model.errors import FlagstoneError, Location, ModuleFailed, NoFlow

HINTS = {
    "metaflow": "to let this file's `from metaflow import` mean Flagstone, add `--compat metaflow` to `flagstone run`"
}  # by the module that is not there


def load_flow(path: str, name: str | None = None) -> type[FlowSpec]:
    """Execute a file as `__main__` and return the flow that it starts, or the one called `name`.

    Raises NoFlow (no such file, no flow in it, several without a name) and ModuleFailed (the file raises).
    """
    file, code = _compiled(path)
    module = ModuleType("__main__")
    module.__file__ = file
    sys.modules["__main__"] = module
    return _run(code, vars(module), file, path, name)


def load_into(namespace: dict[str, Any], path: str, name: str) -> type[FlowSpec]:
    """Execute a file in a namespace that is there, such as that of a notebook, and return its flow `name`.

    Raises NoFlow and ModuleFailed.
    """
    file, code = _compiled(path)
    return _run(code, namespace, file, path, name)


def _compiled(path: str) -> tuple[str, CodeType]:
    file = os.path.abspath(path)
    try:
        with open(file, "rb") as handle:
            code = compile(handle.read(), file, "exec")
    except OSError as error:
        raise NoFlow(
            file=path, problem=f"cannot be read: {error.strerror}", hint="give the path of a Python file"
        ) from None
    except SyntaxError as error:
        where = Location(file, error.lineno or 1)
        raise ModuleFailed(file=path, error=f"SyntaxError: {error.msg}", where=where) from None
    return file, code


def _run(code: CodeType, namespace: dict[str, Any], file: str, path: str, name: str | None) -> type[FlowSpec]:
    sys.path.insert(0, os.path.dirname(file))
    entry.begin_loading(file)
    try:
        exec(code, namespace)  # running the user's file is the point
    except entry.FlowFound as found:
        return _named(namespace, name, path) if name and found.flow.__name__ != name else found.flow
    except FlagstoneError:
        raise
    except (Exception, SystemExit) as error:
        raise ModuleFailed(
            file=path,
            error=f"{type(error).__name__}: {error}",
            where=_last_line(error, file),
            hint=HINTS.get(error.name or "", "") if isinstance(error, ModuleNotFoundError) else "",
        ) from error
    finally:
        entry.end_loading()
    return _named(namespace, name, path)


def _named(namespace: dict[str, Any], name: str | None, path: str) -> type[FlowSpec]:
    flows = [
        value
        for value in namespace.values()
        if isinstance(value, type) and issubclass(value, FlowSpec) and value.__module__ == namespace.get("__name__")
    ]
    if name is not None:
        flows = [flow for flow in flows if flow.__name__ == name]
    if len(flows) == 1:
        return flows[0]
    if not flows:
        raise NoFlow(file=path, problem=f"defines no flow{f' called {name}' if name else ''}")
    names = ", ".join(flow.__name__ for flow in flows)
    raise NoFlow(file=path, problem=f"defines several flows ({names})", hint="start one of them at the end of the file")


def _last_line(error: BaseException, file: str) -> Location | None:
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.filename == file and frame.lineno:
            return Location(file, frame.lineno)
    return None
