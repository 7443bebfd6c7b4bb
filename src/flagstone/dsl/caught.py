"""What stands for an exception once it is an artifact, and the exception of a step that takes too long."""


class TimeoutException(TimeoutError):
    """A step took longer than its @timeout allows."""


class CaughtException(Exception):
    """What @catch leaves in its `var`: which exception ended the step, without needing the exception's own class.

    `type` is its qualified name ("builtins.KeyError"), `exception` its text, `stacktrace` the traceback as Python
    prints it; empty when the process vanished. What Metaflow stored of exceptions is read as this class too.
    """

    def __init__(self, type: str = "", exception: str = "", stacktrace: str = "") -> None:  # noqa: A002 - shared name
        super().__init__(type, exception, stacktrace)
        self.type = type
        self.exception = exception
        self.stacktrace = stacktrace

    def __str__(self) -> str:
        name = self.type.removeprefix("builtins.")
        return f"{name}: {self.exception}" if self.exception else name
