"""The table as Markdown, and its place on the page."""

import statistics
from pathlib import Path

from sidebyside.rows import MIB, Report, Row

BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"


def show(value: float, unit: str) -> str:
    """A number with its unit as people read it."""
    match unit:
        case "s" if value < 0.001:
            return f"{value * 1e6:.0f} µs"
        case "s" if value < 1:
            return f"{value * 1e3:.{1 if value < 0.1 else 0}f} ms"
        case "s":
            return f"{value:.{2 if value < 10 else 1}f} s"
        case "bytes":
            return f"{value / MIB:.{1 if value < 10 * MIB else 0}f} MiB"
        case "times":
            return f"{value:.2f} x"
        case _:
            return f"{value:,.{1 if value < 100 and value != int(value) else 0}f} {unit}"


def line(row: Row) -> str:
    """One row of the table."""
    ratio = "" if row.ratio is None else f"{row.ratio:,.{1 if row.ratio < 100 else 0}f} x"
    holds = {True: "yes", False: "**NO**", None: ""}[row.holds]
    theirs = _side(row.theirs, row.unit) + (" †" if row.borrowed and row.theirs else "")
    measure = row.measure + (f" ({row.note})" if row.note else "")
    demand = row.demand.text if row.demand is not None else ""
    return f"| {measure} | {_side(row.ours, row.unit)} | {theirs} | {ratio} | {demand} | {holds} |"


def table(report: Report) -> str:
    """The machine and all rows."""
    lines = [
        *(f"- {key}: {value}" for key, value in report.machine.items()),
        "",
        "| measure | Flagstone | Metaflow | ratio | demanded | holds |",
        "|---|---|---|---|---|---|",
        *(line(row) for row in report.rows),
    ]
    if any(row.borrowed for row in report.rows):
        lines += ["", "† measured in an earlier run of the benchmark, not in the same one."]
    return "\n".join(lines)


def write(report: Report, page: Path) -> None:
    """Put the table between the marks of the page. Raises ValueError when the page has none."""
    before, found_begin, rest = page.read_text().partition(BEGIN)
    _, found_end, after = rest.partition(END)
    if not found_begin or not found_end:
        raise ValueError(f"{page} lacks the marks {BEGIN} and {END}")
    page.write_text(f"{before}{BEGIN}\n{table(report)}\n{END}{after}")


def _side(values: tuple[float, ...], unit: str) -> str:
    if not values:
        return ""
    text = show(statistics.median(values), unit)
    return text if len(values) >= 5 else f"{text} ({len(values)} run{'s' * (len(values) > 1)})"
