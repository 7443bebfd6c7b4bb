"""A line of the table: what both systems took, what is demanded, whether it holds."""

import statistics

from msgspec import Struct

MIB = 1024 * 1024


class Demand(Struct, frozen=True):
    """What must hold: at least so many times better than the other (`times`), and at most so much (`at_most`)."""

    text: str
    times: float | None = None
    at_most: float | None = None


class Row(Struct, frozen=True, kw_only=True):
    """One measure. `ours` and `theirs` are what each repetition gave, in `unit`; empty where nothing was measured."""

    name: str
    measure: str
    unit: str
    ours: tuple[float, ...]
    theirs: tuple[float, ...] = ()
    demand: Demand | None = None
    more_is_better: bool = False
    note: str = ""
    borrowed: bool = False  # theirs come from an earlier run

    @property
    def ratio(self) -> float | None:
        """How many times better Flagstone's median is; None where that says nothing."""
        if not self.theirs or not self.ours or self.unit == "times":
            return None
        ours, theirs = statistics.median(self.ours), statistics.median(self.theirs)
        worse, better = (theirs, ours) if self.more_is_better else (ours, theirs)
        return better / worse if worse > 0 else None

    @property
    def holds(self) -> bool | None:
        """Whether the demand is met; None when there is none, or when it cannot be told."""
        if self.demand is None:
            return None
        if self.demand.times is not None:
            if self.ratio is None:
                return None
            if self.ratio < self.demand.times:
                return False
        return self.demand.at_most is None or statistics.median(self.ours) <= self.demand.at_most


class Report(Struct, frozen=True):
    """All rows of one run of the benchmark, on one machine."""

    machine: dict[str, str]
    rows: tuple[Row, ...]
