"""Python's own debugger in a task: it talks at the terminal of the run, and shows the user's frames only."""

import bdb
import os
import pdb  # noqa: T100 - it is what this is made of
import sys
from collections.abc import Iterable
from pathlib import Path
from types import FrameType
from typing import Any

from flagstone.dsl.source import shown
from flagstone.engine.prompt.lease import Lease

_OURS = str(Path(__file__).parent.parent.parent) + os.sep
_ENGINE = str(Path(__file__).parent.parent) + os.sep  # what calls the step
KEYS = "c: go on, n: next line, p x: print x, q: end the task, h: help"


class StepDebugger(pdb.Pdb):
    """One task's debugger. It has the terminal from where it stops until the person lets the task go on."""

    def __init__(self, lease: Lease, title: str) -> None:
        super().__init__(stdout=lease, nosigint=True, skip=["flagstone", "flagstone.*"])  # type: ignore[arg-type]  # it writes
        self.use_rawinput = True  # `stdin` is the terminal at the prompt: editing, history and completion work
        self._lease = lease
        self._title = title
        self._done = False

    def stop_at(self, frame: FrameType) -> None:
        """Stop at the next line of a frame. Raises NoTerminal."""
        self._greet(f"stopped at {shown(frame.f_code.co_filename)}:{frame.f_lineno}", KEYS)
        self.set_trace(frame)

    def watch(self, places: Iterable[tuple[str, int]]) -> None:
        """Stop at these lines from now on."""
        self.reset()
        for file, line in places:
            self.set_break(file, line)
        self.botframe = sys._getframe()
        self.set_continue()
        sys.settrace(self.trace_dispatch)

    def look_back(self, error: BaseException, text: str) -> None:
        """Post mortem: a prompt where an exception was raised. Raises NoTerminal."""
        self._greet("failed", "u and d: up and down the calls, p x: print x, q: leave, h: help", text)
        self.reset()
        try:
            self.interaction(None, error.__traceback__)
        except bdb.BdbQuit:
            pass
        finally:
            self._lease.give_back()

    def _greet(self, what: str, keys: str, text: str = "") -> None:
        self._lease.take()
        waiting = f"; {self._lease.waiting} more wait for the terminal" if self._lease.waiting else ""
        self._lease.write(f"\n{text}{self._title} {what} ({keys}{waiting})\n")

    # --- as pdb asks -----------------------------------------------------------------------------------------

    def interaction(self, *arguments: Any, **more: Any) -> None:
        """The prompt: stdin and stdout are the terminal as long as it is open."""
        self._done = False
        if not self._lease.is_here:
            self._greet("stopped", KEYS)
        with self._lease.talking():
            super().interaction(*arguments, **more)
        if self._done:
            self._lease.give_back()

    def get_stack(self, f: FrameType | None, t: Any) -> tuple[list[tuple[FrameType, int]], int]:
        """The calls from the step on, without ours; where it failed in one of ours, the user's line is current."""
        stack, index = super().get_stack(f, t)
        files = [frame.f_code.co_filename for frame, _ in stack]
        first = max((place for place, file in enumerate(files) if file.startswith(_ENGINE)), default=-1)
        theirs = [place for place, file in enumerate(files) if place > first and not file.startswith(_OURS)]
        if not theirs:
            return stack, index
        current = max((place for place in theirs if place <= index), default=theirs[0])
        return [stack[place] for place in theirs], theirs.index(current)

    def set_continue(self) -> None:
        """Let the task go on: the terminal is free."""
        self._done = True
        super().set_continue()

    def set_quit(self) -> None:
        """End the task: the terminal is free."""
        self._done = True
        super().set_quit()

    def do_EOF(self, arg: str) -> bool:  # noqa: N802 - the name is pdb's
        """Ctrl-D goes on."""
        self.message("")
        return bool(self.do_continue(arg))

    def end(self) -> None:
        """The step is over: nothing is traced any more, and the terminal is free."""
        if sys.gettrace() == self.trace_dispatch:
            sys.settrace(None)
        self._lease.give_back()
