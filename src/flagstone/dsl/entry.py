"""What `MyFlow()` at the bottom of a file and `MyFlow.run()` do: start the flow, or hand the class to a loader."""

import os
import sys
from collections.abc import Mapping
from typing import Any

from flagstone.kit import late


class FlowFound(BaseException):
    """Leaves a module that is being loaded at the line where it starts its flow; no `except Exception` stops it."""

    def __init__(self, flow: type) -> None:
        super().__init__(flow.__name__)
        self.flow = flow


_loading: list[str] = []


def start(flow: type) -> None:
    """Start the command line with `flow`, unless a loader waits for it. Raises FlowFound then."""
    if _loading:
        raise FlowFound(flow)
    late.resolve("script")(flow)


def call(flow: type, verb: str, given: Mapping[str, Any]) -> Any:
    """Run or resume `flow` from Python and return its Run, unless a loader waits for it. Raises FlowFound then."""
    if _loading:
        raise FlowFound(flow)
    return late.resolve(f"flow_{verb}")(flow, given)


def begin_loading(file: str) -> None:
    """From now on `start` raises FlowFound; ended by `end_loading`."""
    _loading.append(file)


def end_loading() -> None:
    """The inverse."""
    _loading.pop()


def file_of(flow: type) -> str:
    """The file that defines a flow, absolute."""
    module = sys.modules.get(flow.__module__)
    file = getattr(module, "__file__", None) or sys.argv[0]
    return os.path.abspath(file)
