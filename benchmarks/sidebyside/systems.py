"""The two systems: where their interpreter is, how their flows are called, where their data lies."""

import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sidebyside.reading import Reading, read

HERE = Path(__file__).parents[1]
IMPORT = "from flagstone import"
TUNING = (
    "FLAGSTONE_",
    "METAFLOW_",
    "PYTHONDONT",
    "PYTHONOPT",
    "PYTHONDEV",
    "PYTHONUNBUF",
)  # would change what is measured


class System:
    """One system in a directory of its own. `options` go to every run; `settings` to every process."""

    def __init__(
        self, name: str, python: Path, directory: Path, options: Sequence[str], settings: dict[str, str]
    ) -> None:
        self.name = name
        self.python = python
        self.directory = directory
        self.home = directory / "home"
        self._options = tuple(options)
        self._code = directory / "code"
        self._code.mkdir(parents=True)
        outside = {key: value for key, value in os.environ.items() if not key.startswith(TUNING)}
        plain = {"HOME": str(directory), "USER": "bench", "NO_COLOR": "1", "COLUMNS": "120"}
        self.env = {**outside, **plain, **settings}

    def flow(self, name: str) -> Path:
        """This system's copy of a flow of `flows/`."""
        return self.write(f"{name}.py", (HERE / "flows" / f"{name}.py").read_text())

    def write(self, name: str, source: str) -> Path:
        """This system's copy of a program that is written for Flagstone: the import line says who is meant."""
        path = self._code / name
        path.write_text(source.replace(IMPORT, f"from {self.name} import"))
        return path

    def fresh(self) -> None:
        """Forget every run."""
        shutil.rmtree(self.home, ignore_errors=True)
        self.home.mkdir(mode=0o700)

    def run(self, flow: Path, *arguments: str, watch: bool = False) -> Reading:
        """Run a flow from the command line, to its good end."""
        return self.python_with(str(flow), "run", *self._options, *arguments, watch=watch)

    def run_into_failure(self, flow: Path, *arguments: str) -> Reading:
        """Run a flow with BENCHMARK_FAILS set, which must fail."""
        command = [str(self.python), str(flow), "run", *self._options, *arguments]
        return read(command, {**self.env, "BENCHMARK_FAILS": "1"}, self.directory, succeeds=False)

    def resume(self, flow: Path) -> Reading:
        """Resume the latest run of a flow."""
        return self.python_with(str(flow), "resume", *self._options)

    def python_with(self, *arguments: str, watch: bool = False) -> Reading:
        """Run this system's interpreter."""
        return read([str(self.python), *arguments], self.env, self.directory, watch=watch)

    def probe(self, name: str, *arguments: str) -> Any:
        """What a program of `probes/` prints."""
        path = self.write(f"probe_{name}.py", (HERE / "probes" / f"{name}.py").read_text())
        return json.loads(self.python_with(str(path), *arguments).output.strip().splitlines()[-1])

    def files(self) -> int:
        """How many files its data takes."""
        return sum(len(names) for _, _, names in os.walk(self.home))

    def bytes_on_disk(self) -> int:
        """How much room its data takes, in bytes."""
        return sum(
            os.lstat(os.path.join(folder, name)).st_blocks * 512
            for folder, _, names in os.walk(self.home)
            for name in names
        )


def flagstone(python: Path, directory: Path) -> System:
    """Flagstone with its defaults."""
    home = str(directory / "home")
    return System("flagstone", python, directory, (), {"FLAGSTONE_HOME": home, "FLAGSTONE_USER": "bench"})


def metaflow(python: Path, directory: Path) -> System:
    """Metaflow with its local defaults; its guard against wide splits is opened, since it stops at 100 items."""
    settings = {
        "METAFLOW_USER": "bench",
        "METAFLOW_HOME": str(directory / "config"),
        "METAFLOW_DEFAULT_DATASTORE": "local",
        "METAFLOW_DEFAULT_METADATA": "local",
        "METAFLOW_DATASTORE_SYSROOT_LOCAL": str(directory / "home"),
    }
    return System("metaflow", python, directory, ("--max-workers", "16", "--max-num-splits", "1000000"), settings)
