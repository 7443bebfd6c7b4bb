"""`Runner`: runs a flow's file from Python, as its command line does."""

import os
import sys
from collections.abc import Mapping
from typing import Any, Self, TypeVar

from flagstone.client.runner import request
from flagstone.client.runner.child import Child, Launch
from flagstone.client.runner.executing import ExecutingProcess, ExecutingRun, ExecutingTask
from flagstone.model.errors import NoFlow

E = TypeVar("E", bound=ExecutingProcess)


class Runner:
    """Runs the flow in `flow_file` in a process of its own: a clean interpreter, as from the command line.

    `show_output` prints what it says meanwhile. `env` adds to its environment, `cwd` is its folder, `profile` becomes
    its FLAGSTONE_PROFILE. After `file_read_timeout` seconds without a sign that the run has begun it is given up.
    Every other keyword is an option of the command line: `decospecs=["retry"]`, `tags=["a"]`, `max_workers=4`,
    `quiet=True`, `config=[("cfg", "file.json")]`.

    As a context manager it ends what still runs at the end of its block. Raises NoFlow when there is no such file.
    """

    def __init__(
        self,
        flow_file: str | os.PathLike[str],
        show_output: bool = True,
        profile: str | None = None,
        env: Mapping[str, str] | None = None,
        cwd: str | os.PathLike[str] | None = None,
        file_read_timeout: float = 3600,
        **top_level: Any,
    ) -> None:
        self.flow_file = os.path.abspath(flow_file)
        self.show_output = show_output
        self.file_read_timeout = file_read_timeout
        self._folder = None if cwd is None else os.fspath(cwd)
        self._environment = {**os.environ, **({"FLAGSTONE_PROFILE": profile} if profile else {}), **(env or {})}
        self._verb_options, self._top_level = request.split(top_level)
        self._children: list[Child] = []
        if not os.path.isfile(self.flow_file):
            raise NoFlow(file=os.fspath(flow_file), problem="is not a file", hint="give the path of the flow's file")

    # --- running ---------------------------------------------------------------------------------------------

    def run(self, **params: Any) -> ExecutingRun:
        """Run the flow to its end; a failure of a step shows in the status of what is returned.

        Keywords are parameters, and options of `run` such as `tags=` and `max_workers=`. Raises InvalidParameter for
        a value that does not fit or a name that no parameter has, and every other error that keeps a run from
        beginning; NotStarted when the process ends in another way before.
        """
        return self._see_through(ExecutingRun, *self._run(params))

    def resume(
        self, step_to_rerun: str | None = None, origin_run_id: str | int | None = None, **params: Any
    ) -> ExecutingRun:
        """Carry on with a run: the newest, or `origin_run_id`; `step_to_rerun` and what follows run again. Like `run`.

        Raises NothingToResume, UnknownStep and what `run` raises.
        """
        return self._see_through(ExecutingRun, *self._resume(step_to_rerun, origin_run_id, params))

    def spin(self, pathspec: str, **options: Any) -> ExecutingTask:
        """Run one step against the inputs of a past task; keywords are options of `spin`, as in `persist=True`."""
        return self._see_through(ExecutingTask, *self._spin(pathspec, options))

    async def async_run(self, **params: Any) -> ExecutingRun:
        """Like `run`, and returns as soon as the run has begun; its output is not shown."""
        return await self._begin(ExecutingRun, *self._run(params))

    async def async_resume(
        self, step_to_rerun: str | None = None, origin_run_id: str | int | None = None, **params: Any
    ) -> ExecutingRun:
        """Like `resume`, and returns as soon as the run has begun; its output is not shown."""
        return await self._begin(ExecutingRun, *self._resume(step_to_rerun, origin_run_id, params))

    async def async_spin(self, pathspec: str, **options: Any) -> ExecutingTask:
        """Like `spin`, and returns as soon as the task has begun; its output is not shown."""
        return await self._begin(ExecutingTask, *self._spin(pathspec, options))

    # --- the command -----------------------------------------------------------------------------------------

    def _run(self, given: Mapping[str, Any]) -> tuple[list[str], bytes]:
        options, parameters = request.split(given)
        return ["run", *request.words(self._verb_options | options)], request.asked(parameters)

    def _resume(self, step: str | None, origin: str | int | None, given: Mapping[str, Any]) -> tuple[list[str], bytes]:
        options, parameters = request.split(given)
        options = self._verb_options | options | {"origin_run_id": origin}
        return ["resume", *([step] if step else []), *request.words(options)], request.asked(parameters)

    def _spin(self, pathspec: str, given: Mapping[str, Any]) -> tuple[list[str], bytes]:
        return ["spin", pathspec, *request.words(given)], request.asked({})

    def _start(self, words: list[str], asked: bytes) -> Child:
        command = [sys.executable, self.flow_file, *request.words(self._top_level), *words]
        child = Child(Launch(command, asked, self._environment, self._folder))
        self._children = [other for other in self._children if not other.over.is_set()] + [child]
        return child

    def _see_through(self, kind: type[E], words: list[str], asked: bytes) -> E:
        return kind(self._start(words, asked)).see_through(self.file_read_timeout, show=self.show_output)

    async def _begin(self, kind: type[E], words: list[str], asked: bytes) -> E:
        return await kind(self._start(words, asked)).begin(self.file_read_timeout)

    # --- ending ----------------------------------------------------------------------------------------------

    def cleanup(self) -> None:
        """End every run that is still on its way: it is recorded as cancelled."""
        children, self._children = self._children, []
        for child in children:
            child.stop()
        for child in children:
            child.join()

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
        return f"Runner({self.flow_file!r})"
