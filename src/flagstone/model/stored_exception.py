"""An exception as a value that outlives its process: its type, its text and its traceback, without its class."""

from typing import Any


class StoredException(Exception):
    """An exception that a task stored: its qualified `type`, its text as `exception`, and its `stacktrace`."""

    type: str = ""
    exception: str = ""
    stacktrace: str = ""

    def __setstate__(self, state: Any) -> None:
        if isinstance(state, dict):
            self.__dict__.update(state)

    def __str__(self) -> str:
        return self.stacktrace or f"{self.type}: {self.exception}"
