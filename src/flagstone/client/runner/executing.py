"""A run that was started from Python: how it is doing, what it prints, waiting for its end."""

from __future__ import annotations

import codecs
import contextlib
import sys
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any, Self

from flagstone.model.driving import Begun
from flagstone.model.errors import NotStarted
from flagstone.model.ids import RunId, parse

if TYPE_CHECKING:  # only named in annotations, or loaded while a process is on its way
    from flagstone.client.run import Run
    from flagstone.client.runner.child import Child, Log
    from flagstone.client.task import Task

TICK = 0.03  # seconds between two looks at what a process prints
CHUNK = 1 << 20  # bytes passed on at once


class ExecutingProcess:
    """A command of a flow that was started from Python. As a context manager it ends with its block."""

    def __init__(self, child: Child) -> None:
        self._child = child
        self._timed_out = False

    # --- how it is doing -------------------------------------------------------------------------------------

    @property
    def status(self) -> str:
        """`running`, `successful`, `failed` or `timeout`: `wait` ran out of patience and stopped it."""
        if self._timed_out:
            return "timeout"
        if self._child.status is None:
            return "running"
        return "successful" if self._child.status == 0 else "failed"

    @property
    def returncode(self) -> int | None:
        """The exit status of its process; None while it runs."""
        return self._child.status

    @property
    def stdout(self) -> str:
        """What it has printed so far, tasks included."""
        return self._child.logs["stdout"].text

    @property
    def stderr(self) -> str:
        """What it has printed so far as errors."""
        return self._child.logs["stderr"].text

    @property
    def _begun(self) -> Begun:
        begun = self._child.begun
        if begun is None:
            raise self._child.complaint()
        return begun

    # --- waiting ---------------------------------------------------------------------------------------------

    async def wait(self, timeout: float | None = None, stream: str | None = None) -> Self:  # noqa: ASYNC109 - Metaflow's
        """Wait for its end; it is stopped after `timeout` seconds. `stream` ("stdout", "stderr") is printed meanwhile.

        When the waiting is cancelled, it goes on.
        """
        import asyncio

        try:
            async with asyncio.timeout(timeout):
                if stream is not None:
                    async for _, line in self.stream_log(stream):
                        print(line, file=sys.stderr if stream == "stderr" else sys.stdout)
                await self._until(self._child.over.is_set)
        except TimeoutError:
            self._timed_out = True
            await asyncio.to_thread(self._child.end)
        return self

    async def stream_log(self, stream: str, position: int | None = None) -> AsyncIterator[tuple[int, str]]:
        """The lines of "stdout" or "stderr" as they come, until its end, each with the position after it.

        Given a position, it goes on from there. Raises ValueError for another stream.
        """
        import asyncio

        log, at = self._log(stream), position or 0
        while True:
            over = self._child.over.is_set()
            data = log.read(at, CHUNK)
            whole = data.rfind(b"\n") + 1
            if not whole and (over or len(data) == CHUNK):
                whole = len(data)
            for line in data[:whole].splitlines(keepends=True):
                at += len(line)
                yield at, line.decode("utf-8", "replace").rstrip("\r\n")
            if not whole and over:
                return
            if not whole:
                await asyncio.sleep(TICK)

    def _log(self, stream: str) -> Log:
        logs = self._child.logs
        if stream not in logs:
            msg = f"{stream!r} is not a stream: say 'stdout' or 'stderr'"
            raise ValueError(msg)
        return logs[stream]

    async def _until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds that changes when the run begins or ends."""
        import asyncio

        loop, changed = asyncio.get_running_loop(), asyncio.Event()

        def call() -> None:
            with contextlib.suppress(RuntimeError):  # the loop is over: nobody waits any more
                loop.call_soon_threadsafe(changed.set)

        self._child.listen(call)
        while not holds():
            await changed.wait()
            changed.clear()

    async def begin(self, patience: float) -> Self:
        """Wait until its run is recorded. Raises the error that it was refused with, or NotStarted."""
        import asyncio

        try:
            async with asyncio.timeout(patience):
                await self._until(self._child.told.is_set)
        except TimeoutError:
            await asyncio.to_thread(self._child.end)
            raise _late(patience) from None
        except BaseException:
            self._child.stop()
            raise
        if self._child.begun is None:
            raise self._child.complaint()
        return self

    def see_through(self, patience: float, *, show: bool) -> Self:
        """Wait for its end in this thread, showing what it prints. Raises like `begin`; Ctrl-C stops it."""
        shown = [_Shown(log, name) for name, log in self._child.logs.items()] if show else []
        waited = 0.0
        try:
            while not self._child.over.wait(TICK):
                if self._child.begun is not None:  # what is said before is in the error, if there is one
                    for one in shown:
                        one.pass_on()
                waited += TICK
                if waited > patience and not self._child.told.is_set():
                    self._child.end()
                    raise _late(patience)
        except KeyboardInterrupt:
            self._child.end()
            raise
        if self._child.begun is None:
            raise self._child.complaint()
        for one in shown:
            one.pass_on()
        return self

    # --- ending ----------------------------------------------------------------------------------------------

    def cleanup(self) -> None:
        """End it if it still runs: a run is recorded as cancelled then."""
        self._child.end()

    def terminate(self) -> None:
        """Ask it to stop, and do not wait for it."""
        self._child.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.cleanup()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        import asyncio

        await asyncio.to_thread(self.cleanup)

    def __repr__(self) -> str:
        begun = self._child.begun
        return f"<{type(self).__name__} {begun.pathspec if begun else f'in process {self._child.pid}'}: {self.status}>"


class ExecutingRun(ExecutingProcess):
    """What `Runner.run` and `Runner.resume` return."""

    @property
    def run(self) -> Run:
        """The Run, in the home that the flow's process used, whatever the namespace is here."""
        from flagstone.client.run import Run
        from flagstone.client.run_data import find_run
        from flagstone.client.scope import Scope

        path = parse(self._begun.pathspec, least=2)
        return Run.of(find_run(Scope(self._begun.home, None), path.flow, path.run or ""))


class ExecutingTask(ExecutingProcess):
    """What `Runner.spin` returns."""

    @property
    def task(self) -> Task:
        """The Task, in the home that the spin used."""
        from flagstone.client.run_data import RunData
        from flagstone.client.scope import Scope
        from flagstone.client.task import Task
        from flagstone.client.task_data import TaskView
        from flagstone.model.records import TaskQuery

        path = parse(self._begun.pathspec, least=4)
        scope = Scope(self._begun.home, None)
        run = RunId(path.flow, int(path.run or 0))
        metadata: Any = scope.workspace.metadata
        view = RunData(scope, metadata.run(run))
        query = TaskQuery(numbers=(int(path.task or 0),), with_manifests=True)
        return Task.of(TaskView(view, next(iter(metadata.tasks(run, query)))))


class _Shown:
    """One stream of a process, passed on to the same stream of this one."""

    def __init__(self, log: Log, name: str) -> None:
        self._log = log
        self._name = name
        self._at = 0
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode

    def pass_on(self) -> None:
        """Print what is new."""
        stream = getattr(sys, self._name)
        while data := self._log.read(self._at, CHUNK):
            self._at += len(data)
            stream.write(self._decode(data))
            stream.flush()


def _late(patience: float) -> NotStarted:
    return NotStarted(
        problem=f"the flow's process said for {patience:,.0f} s neither that its run has begun nor why not",
        hint="give the Runner a larger file_read_timeout= when the flow's file takes long to import",
    )
