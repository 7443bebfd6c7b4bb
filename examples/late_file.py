"""A flow that fails until a file arrives; `resume` then runs only what is missing.

python examples/late_file.py run --folder DIR       fails: DIR/july.csv is not there
(put it there)
python examples/late_file.py resume                 reads july.csv alone, and goes on
"""

import csv
from pathlib import Path
from typing import Any

from flagstone import FlowSpec, Parameter, step

MONTHS = [
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
]  # fmt: skip


class LateFileFlow(FlowSpec):
    """Add up a year of sales, one file a month."""

    folder = Parameter("folder", help="where the files lie", required=True)

    @step
    def start(self) -> None:
        self.months = MONTHS
        self.next(self.read, foreach="months")

    @step
    def read(self) -> None:
        path = Path(self.folder) / f"{self.input}.csv"
        print("reading", path.name)
        with path.open(newline="") as file:
            self.total = sum(float(row["amount"]) for row in csv.DictReader(file))
        self.next(self.add)

    @step
    def add(self, inputs: Any) -> None:
        self.totals = dict(zip(MONTHS, [month.total for month in inputs], strict=True))
        self.next(self.end)

    @step
    def end(self) -> None:
        best = max(self.totals, key=lambda month: self.totals[month])
        print(f"the year: {sum(self.totals.values()):,.2f}; the best month: {best}")


if __name__ == "__main__":
    LateFileFlow()
