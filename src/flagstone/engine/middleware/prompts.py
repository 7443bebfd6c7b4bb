"""Makes `breakpoint()` in a step talk at the terminal of the run, and stops in a failing step where the run says so."""

import os
import sys
from types import FrameType
from typing import TYPE_CHECKING, Any, ClassVar

from flagstone.dsl.source import shown
from flagstone.engine.attempt import Attempt, Proceed
from flagstone.engine.failures import describe_exception
from flagstone.engine.prompt.lease import Lease
from flagstone.model.declaring import Declaration
from flagstone.model.errors import Location, NoTerminal, StoppedByPerson

if TYPE_CHECKING:
    from flagstone.engine.prompt.debugger import StepDebugger  # a run without a prompt does without pdb


class OfferPrompts:
    """The innermost: what it sees fail is the user's code."""

    understands: ClassVar[tuple[type[Declaration], ...]] = ()

    def wrap(self, attempt: Attempt, proceed: Proceed) -> None:
        """Run with a hook for `breakpoint()`; one that the user chose (PYTHONBREAKPOINT, sys.breakpointhook) stays."""
        prompter = Prompter(attempt)
        before = sys.breakpointhook
        if before is sys.__breakpointhook__:
            sys.breakpointhook = prompter.stop
        prompter.begin()
        try:
            proceed()
        except Exception as error:  # passed on, as what it is or as what it means
            prompter.failed(error)
            raise
        finally:
            sys.breakpointhook = before
            prompter.end()


class Prompter:
    """The prompts of one attempt; the debugger is loaded at the first."""

    def __init__(self, attempt: Attempt) -> None:
        self._context = attempt.context
        self._job = attempt.job
        self._title = f"{attempt.context.run}/{attempt.job.step}/{attempt.job.number}"
        self._debugger: StepDebugger | None = None

    def begin(self) -> None:
        """Watch for the lines where the run wants its tasks to stop."""
        if self._context.breaks and self._context.terminal:
            self._loaded().watch(self._context.breaks)

    def stop(self, *arguments: Any, **more: Any) -> Any:
        """What `breakpoint()` calls. Raises NoTerminal."""
        if os.environ.get("PYTHONBREAKPOINT"):
            return sys.__breakpointhook__(*arguments, **more)  # noqa: T100 - the hook that the person chose
        frame = sys._getframe(1)
        if not self._context.terminal:
            hint = "start it in a terminal, or take it out; with PYTHONBREAKPOINT=0 breakpoints do nothing"
            raise NoTerminal(what="breakpoint()", hint=hint, where=_place(frame))
        self._loaded().stop_at(frame)
        return None

    def failed(self, error: Exception) -> None:
        """The step raised: look at it with a person, if that is what the run is for. Raises StoppedByPerson."""
        bdb = sys.modules.get("bdb")
        if bdb is not None and isinstance(error, bdb.BdbQuit):
            if self._debugger is None:
                hint = "write breakpoint(): it talks at the terminal where the run was started"
                raise NoTerminal(what="pdb.set_trace() in a task", hint=hint) from error
            self.end()
            raise StoppedByPerson(what=self._title) from None
        if self._context.post_mortem and self._context.terminal and not isinstance(error, NoTerminal):
            self.end()
            self._loaded().look_back(error, describe_exception(error).traceback)

    def end(self) -> None:
        """No more prompts from here."""
        if self._debugger is not None:
            self._debugger.end()

    def _loaded(self) -> "StepDebugger":
        if self._debugger is None:
            from flagstone.engine.prompt.debugger import StepDebugger

            self._debugger = StepDebugger(Lease(self._context.terminal, self._job.step, self._job.number), self._title)
        return self._debugger


def _place(frame: FrameType) -> Location:
    return Location(shown(frame.f_code.co_filename), frame.f_lineno)
