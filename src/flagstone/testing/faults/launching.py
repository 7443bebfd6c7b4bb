"""Starts a script or a module under faults: the words of the command, and what it does."""

import argparse
import runpy
import sys
from collections.abc import Sequence
from pathlib import Path

from flagstone.testing.faults.intercepting import inject
from flagstone.testing.faults.kinds import Fault, parse


def command(*faults: Fault, log: Path, under: Path | None = None, record: Path | None = None) -> list[str]:
    """The words before `flow.py run` that start it under `faults`: for `subprocess.run([*command(...), "flow.py"])`."""
    words = [sys.executable, "-m", "flagstone.testing.faults", "--log", str(log)]
    for fault in faults:
        words += ["--fault", fault.words()]
    for name, path in (("--under", under), ("--record", record)):
        if path is not None:
            words += [name, str(path)]
    return [*words, "--"]


def main(words: Sequence[str]) -> None:
    """Parse the words and run what they say as `__main__`. Raises SystemExit."""
    parser = argparse.ArgumentParser(
        prog="python -m flagstone.testing.faults",
        description="Run a script under faults, and record what it asks of the system.",
        epilog="A fault: 'do=kill kind=fsync role=task nth=3'. See docs/howto/break-it-on-purpose.md.",
    )
    parser.add_argument("--fault", action="append", default=[], help="what happens, and when; may be repeated")
    parser.add_argument("--log", type=Path, required=True, help="the file that the actions are recorded in")
    parser.add_argument("--under", type=Path, help="only files below this directory count")
    parser.add_argument("--record", type=Path, help="a file for all changes, for a power cut")
    parser.add_argument("script", nargs="+", help="-- and then FILE.py or -m MODULE, and its words")
    given = parser.parse_args(words)
    try:
        faults = [parse(text) for text in given.fault]
    except ValueError as error:
        parser.error(str(error))
    with inject(*faults, log=given.log, under=given.under, record=given.record):
        launch(given.script)


def launch(words: Sequence[str]) -> None:
    """Run `FILE.py ...` or `-m MODULE ...` in this process, as Python would."""
    if words[0] == "-m":
        sys.argv = [words[1], *words[2:]]
        runpy.run_module(words[1], run_name="__main__", alter_sys=True)
    else:
        sys.argv = list(words)
        sys.path.insert(0, str(Path(words[0]).resolve().parent))
        runpy.run_path(words[0], run_name="__main__")
