"""A person at a keyboard: a folder to work in, a home of their own, and commands typed there."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

from msgspec import Struct

SOURCE = Path(__file__).parents[3] / "src"


class Said(Struct, frozen=True):
    """What a command answered."""

    status: int
    out: str
    err: str


class Person:
    """Types commands; each runs in a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.work = folder / "work"
        self.work.mkdir(parents=True)

    def writes(self, source: str, name: str = "flow.py") -> None:
        """Save a flow's file."""
        (self.work / name).write_text(textwrap.dedent(source).lstrip())

    def types(self, *words: str, **more: str) -> Said:
        """`python WORDS`, in the person's folder; `more` goes to the environment."""
        done = subprocess.run(
            [sys.executable, *words],
            check=False,
            cwd=self.work,
            env=self.environment(**more),
            capture_output=True,
            text=True,
            timeout=60,
        )
        return Said(done.returncode, done.stdout, done.stderr)

    def flow(self, *words: str, **more: str) -> Said:
        """`python flow.py WORDS`."""
        return self.types("flow.py", *words, **more)

    def flagstone(self, *words: str, **more: str) -> Said:
        """`flagstone WORDS`."""
        return self.types("-m", "flagstone", *words, **more)

    def environment(self, **more: str) -> dict[str, str]:
        """What the person's commands see."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("FLAGSTONE_", "METAFLOW_"))}
        own = {"FLAGSTONE_HOME": str(self.home), "FLAGSTONE_USER": "ann", "PYTHONPATH": str(SOURCE), "COLUMNS": "120"}
        kept.pop("PYTHONDONTWRITEBYTECODE", None)  # compiling everything anew for each command takes most of the time
        return {**kept, **own, "HOME": str(self.work), "TZ": "UTC", **more}
