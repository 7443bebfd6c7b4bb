"""The program that a fresh interpreter runs for one exit hook: imports the flow, finds the function, calls it."""

import inspect
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from importlib import import_module
from types import TracebackType
from typing import Any

from flagstone.client.run import Run
from flagstone.dsl.complaint import describe, is_ours
from flagstone.dsl.loading import load_flow
from flagstone.model.errors import FlagstoneError, NotFound


def call(arguments: Sequence[str]) -> int:
    """Call a hook: the arguments are the flow's file and name, the hook, the run and the home. Returns the status."""
    file, flow, hook, run, home = arguments
    os.environ["FLAGSTONE_HOME"] = home
    sys.path.insert(0, "")
    try:
        load_flow(file, flow)
        function = found(hook)
        function(**({"run": Run(run)} if "run" in inspect.signature(function).parameters else {}))
    except FlagstoneError as error:
        print(describe(error), file=sys.stderr)
        return 1
    except Exception as error:  # noqa: BLE001 - a user's function may raise anything; its traceback is shown
        traceback.print_exception(type(error), error, _below(error))
        return 1
    return 0


def found(hook: str) -> Callable[..., Any]:
    """`module:function` or `package.module.function`. Raises NotFound."""
    module, _, name = hook.partition(":") if ":" in hook else hook.rpartition(".")
    try:
        value: Any = import_module(module)
        for part in name.split("."):
            value = getattr(value, part)
    except (ImportError, AttributeError) as error:
        raise NotFound(what=f"the function {hook} of @exit_hook", place=f": {error}") from None
    return value  # type: ignore[no-any-return]  # the user says that it is a function


def _below(error: Exception) -> TracebackType | None:
    """The traceback from the first frame that is not ours."""
    trace = error.__traceback__
    while trace is not None and is_ours(trace.tb_frame.f_code.co_filename):
        trace = trace.tb_next
    return trace or error.__traceback__


if __name__ == "__main__":
    sys.exit(call(sys.argv[1:]))
