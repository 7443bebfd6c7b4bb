"""Moments as people type them: `2030-01-31`, `2030-01-31 12:00`, or how long ago, as in `90m`, `12h`, `7d`, `2w`."""

import re
from datetime import datetime

import click

from flagstone.kit import clock

_AGO = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|min|h|d|w)\Z")
_SECONDS = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400, "w": 604_800}


def moment(text: str) -> float:
    """Seconds since the epoch; what names no time zone is local time. Raises click.BadParameter."""
    ago = _AGO.match(text.strip())
    if ago:
        return clock.now() - float(ago[1]) * _SECONDS[ago[2]]
    try:
        return datetime.fromisoformat(text.strip()).timestamp()
    except (ValueError, OverflowError):
        words = "is no moment: write 2030-01-31, '2030-01-31 12:00', or 7d for seven days ago"
        raise click.BadParameter(f"{text[:40]!r} {words}") from None
