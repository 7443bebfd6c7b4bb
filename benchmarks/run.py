"""Measure Flagstone and Metaflow side by side and write the table of docs/reference/performance.md.

    python benchmarks/run.py                     everything, about an hour
    python benchmarks/run.py --only startup      one group, or one row by its name; prints, writes nothing
    python benchmarks/run.py --quick             fewer repetitions; prints, writes nothing
    python benchmarks/run.py --ours              without Metaflow, whose last numbers are shown and marked
    python benchmarks/run.py --table             the page again from benchmarks/last.json; measures nothing

Exit status: 1 when a measure does not hold.
"""

import argparse
import importlib
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
from sidebyside import machine, systems, table
from sidebyside.bench import Bench, say
from sidebyside.rows import Report, Row

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent
LAST = HERE / "last.json"
PAGE = REPOSITORY / "docs" / "reference" / "performance.md"
REQUIREMENTS = HERE / "requirements.txt"
GROUPS = ("startup", "runner", "fanout", "values", "scale")


def main(arguments: Sequence[str]) -> int:
    """Measure what was asked for; returns the exit status."""
    options = _options(arguments)
    if options.table:
        report = _last()
    else:
        report = _measure(options)
        if not (options.only or options.quick or options.ours):
            LAST.write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=1) + b"\n")
    if options.table or not (options.only or options.quick or options.ours):
        table.write(report, PAGE)
    print(table.table(report))
    return 1 if any(row.holds is False for row in report.rows) else 0


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Flagstone and Metaflow side by side.")
    parser.add_argument("--only", metavar="NAME", help=f"one group ({', '.join(GROUPS)}) or one row, e.g. hello")
    parser.add_argument("--quick", action="store_true", help="repeat less often")
    parser.add_argument("--ours", action="store_true", help="leave Metaflow out; show its last numbers, marked")
    parser.add_argument("--table", action="store_true", help="write the page from the last numbers; measure nothing")
    return parser.parse_args(arguments)


def _measure(options: argparse.Namespace) -> Report:
    facts = machine.describe(REQUIREMENTS.read_text().strip())
    with tempfile.TemporaryDirectory(prefix="flagstone-bench-") as name:
        directory = Path(name)
        ours = systems.flagstone(Path(sys.executable), directory / "flagstone")
        theirs = None
        if not options.ours:
            python = machine.interpreter(REPOSITORY / ".bench-venv", REQUIREMENTS)
            theirs = systems.metaflow(python, directory / "metaflow")
        rows = list(_rows(Bench(ours, theirs, quick=options.quick), options.only))
    return Report(facts, tuple(_borrow(rows) if options.ours else rows))


def _rows(bench: Bench, only: str | None) -> Iterator[Row]:
    wanted = (only,) if only in GROUPS else GROUPS
    for group in wanted:
        for row in importlib.import_module(f"sidebyside.groups.{group}").rows(bench):
            say(table.line(row))
            if only is None or only in GROUPS or row.name == only:
                yield row
                if row.name == only:
                    return


def _borrow(rows: list[Row]) -> list[Row]:
    """The rows with Metaflow's numbers of the last full run."""
    last = {row.name: row for row in _last().rows} if LAST.exists() else {}
    return [
        msgspec.structs.replace(row, theirs=last[row.name].theirs, borrowed=True) if row.name in last else row
        for row in rows
    ]


def _last() -> Report:
    return msgspec.json.decode(LAST.read_bytes(), type=Report)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
