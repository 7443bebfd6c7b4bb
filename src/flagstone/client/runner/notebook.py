"""`NBRunner`: runs a flow that is defined in the cells of a notebook."""

import contextlib
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any, Self

from flagstone.client.run import Run
from flagstone.client.runner.cells import assemble
from flagstone.client.runner.executing import ExecutingRun
from flagstone.client.runner.runner import Runner
from flagstone.kit.files import write_all
from flagstone.model.errors import NoFlow

START = '\n\nif __name__ == "__main__":\n    {}()\n'


class NBRunner:
    """Runs a flow of this notebook in a process of its own.

    The class, what it is derived from, its imports and helpers may stand in any number of cells: a file is written with
    what the flow needs of them, and nothing else of the notebook runs. The cells are taken as they are when an NBRunner
    is made. The keywords are those of `Runner`; the file lies in `base_dir` (the folder of temporary files) until
    `cleanup`. Raises NoFlow outside of a notebook.
    """

    def __init__(
        self,
        flow: type,
        show_output: bool = True,
        profile: str | None = None,
        env: Mapping[str, str] | None = None,
        base_dir: str | os.PathLike[str] | None = None,
        **more: Any,
    ) -> None:
        self._file = write_flow(flow, base_dir)
        here = {"cwd": os.getcwd(), "env": {"PYTHONPATH": _path(), **(env or {})}}
        try:
            self.runner = Runner(self._file, show_output=show_output, profile=profile, **{**here, **more})
        except BaseException:
            os.unlink(self._file)
            raise

    def nbrun(self, **params: Any) -> Run:
        """Run the flow to its end and return its Run, whatever came of it; clean up."""
        try:
            return self.runner.run(**params).run
        finally:
            self.cleanup()

    def nbresume(self, step_to_rerun: str | None = None, origin_run_id: str | int | None = None, **params: Any) -> Run:
        """Carry on with a run and return the new Run, whatever came of it; clean up."""
        try:
            return self.runner.resume(step_to_rerun, origin_run_id, **params).run
        finally:
            self.cleanup()

    def run(self, **params: Any) -> ExecutingRun:
        """As `Runner.run`."""
        return self.runner.run(**params)

    def resume(
        self, step_to_rerun: str | None = None, origin_run_id: str | int | None = None, **params: Any
    ) -> ExecutingRun:
        """As `Runner.resume`."""
        return self.runner.resume(step_to_rerun, origin_run_id, **params)

    async def async_run(self, **params: Any) -> ExecutingRun:
        """As `Runner.async_run`."""
        return await self.runner.async_run(**params)

    async def async_resume(
        self, step_to_rerun: str | None = None, origin_run_id: str | int | None = None, **params: Any
    ) -> ExecutingRun:
        """As `Runner.async_resume`."""
        return await self.runner.async_resume(step_to_rerun, origin_run_id, **params)

    def cleanup(self) -> None:
        """End what still runs, and remove the file."""
        self.runner.cleanup()
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._file)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.cleanup()


def write_flow(flow: type, folder: str | os.PathLike[str] | None = None) -> str:
    """Write the file of a flow that is defined in cells; returns its path. Raises NoFlow."""
    cells = cells_of_this_notebook()
    names = vars(sys.modules["__main__"])
    modules = {name: value.__name__ for name, value in names.items() if isinstance(value, ModuleType)}
    text = None if cells is None else assemble(cells, flow.__name__, modules)
    if text is None:
        where = "no cell of this notebook" if cells is not None else "there is no notebook here that"
        raise NoFlow(
            file=flow.__name__,
            problem=f"cannot be taken from cells: {where} defines it",
            hint="use Runner('flow.py') for a flow in a file",
        )
    handle, path = tempfile.mkstemp(prefix=f"{flow.__name__}_", suffix=".py", dir=folder)
    with contextlib.closing(os.fdopen(handle, "wb")):
        write_all(handle, [(text + START.format(flow.__name__)).encode()])
    return path


def cells_of_this_notebook() -> Sequence[str] | None:
    """The cells that were run here, as Python, in their order; None where there are none."""
    module = sys.modules.get("IPython")
    shell = module.get_ipython() if module is not None else None
    return None if shell is None else list(shell.user_ns.get("In", ()))


def lies_in_cells(flow: type) -> bool:
    """Whether a flow is defined in the cells of a notebook that runs here, and so in no file."""
    return flow.__module__ == "__main__" and cells_of_this_notebook() is not None


def _path() -> str:
    """Where modules are found here: the folder of the notebook is no folder of the file."""
    return os.pathsep.join(path or os.getcwd() for path in sys.path)
