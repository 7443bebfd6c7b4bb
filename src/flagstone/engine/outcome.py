"""What the end of an attempt's process means: success, a failure of the user's code, cancelled, or lost."""

from flagstone.engine.scheduler import StartTask
from flagstone.model.artifacts import Split
from flagstone.model.errors import ImpossibleResources, TooManySplits
from flagstone.model.jobs import Ended, Failure
from flagstone.model.states import State

_CRASHES = frozenset(["SIGSEGV", "SIGABRT", "SIGBUS", "SIGFPE", "SIGILL", "SIGSYS", "SIGTRAP"])


def too_many(step: str, split: Split, limit: int) -> Failure:
    """A foreach has more elements than the guard allows."""
    error = TooManySplits(variable=split.variable, step=step, count=split.count, limit=limit)
    return Failure(type="TooManySplits", message=error.message_text, traceback="", hint=error.hint, ours=True)


def impossible_gang(step: str, width: int, lacking: tuple[str, str]) -> Failure:
    """A gang can never run here at the same time."""
    error = ImpossibleResources(step=step, asked=f"{lacking[0]} for {width} tasks at once", have=lacking[1])
    return Failure(type="ImpossibleResources", message=error.message_text, traceback="", hint=error.hint, ours=True)


def gang_broken(culprit: str, command: StartTask) -> Failure:
    """A task was stopped because another one of its gang ended badly."""
    message = f"it was stopped because node {command.path[-1]} of its gang, {culprit}, ended badly"
    return Failure(type="flagstone.GangBroken", message=message, traceback="", ours=True)


def judge(event: Ended, *, cancelling: bool) -> tuple[State, Failure | None]:
    """The state of the attempt and, when it is not a success, why."""
    if event.report is not None:
        failure = event.report.failure
        return (State.SUCCEEDED if failure is None else State.FAILED), failure
    if cancelling:
        return State.CANCELLED, None
    signal_name = event.exit.rpartition(" ")[2]
    if event.exit.startswith("exit status"):
        message = f"the task's process left with {event.exit} before the step was over"
        return State.FAILED, Failure(
            "flagstone.ProcessExited", message, "", hint="look for os._exit or a C library that exits"
        )
    if signal_name in _CRASHES:
        message = f"the task's process crashed ({signal_name}) in native code"
        hint = "its output says where; when it does not happen with --isolation spawn, a library cannot bear forking"
        return State.FAILED, Failure("flagstone.ProcessCrashed", message, "", hint=hint)
    message = f"the task's process vanished: {event.exit}"
    hint = (
        "something outside killed it; when memory was short, declare @resources(memory=...) so that fewer run at once"
    )
    return State.LOST, Failure("flagstone.ProcessLost", message, "", hint=hint)
