"""How objects look: the short facts of a one-line repr, and small escaped tables for notebooks."""

from collections.abc import Iterable, Sequence
from html import escape

from flagstone.kit import clock, text

ROWS = 20  # of a table in a notebook


def ago(seconds: float) -> str:
    """How long ago a time was, in the one unit that matters: `2 min ago`."""
    past = max(clock.now() - seconds, 0)
    for length, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if past >= length:
            return f"{int(past // length)} {unit} ago"
    return "just now" if past < 5 else f"{int(past)} s ago"


def took(started: float, finished: float | None) -> str:
    """How long something took; empty while it runs."""
    return "" if finished is None else text.duration(max(finished - started, 0))


def paragraph(title: str, facts: Iterable[str], more: str = "") -> str:
    """A title in a notebook, with facts and perhaps a table (HTML already) below."""
    line = " · ".join(escape(fact) for fact in facts if fact)
    return f"<div><code>{escape(title)}</code> {line}{more}</div>"


def table(headers: Sequence[str], rows: Sequence[Sequence[str]], total: int | None = None) -> str:
    """An HTML table of texts; says how many rows are left out when `total` is larger."""
    head = "".join(f"<th>{escape(name)}</th>" for name in headers)
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    left = (total or 0) - len(rows)
    rest = f"<p>… and {left:,} more</p>" if left > 0 else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{rest}"
