"""The same foreach in a module that imports numpy and pandas, as most flows of data scientists do."""

import numpy as np
import pandas as pd

from flagstone import FlowSpec, Parameter, step


class NumericFanFlow(FlowSpec):
    """`width` tasks between a start and a join."""

    width = Parameter("width", default=1000, type=int)

    @step
    def start(self) -> None:
        """Spread out."""
        self.libraries = (np.__version__, pd.__version__)
        self.items = list(range(self.width))
        self.next(self.work, foreach="items")

    @step
    def work(self) -> None:
        """Nearly nothing."""
        self.value = self.index
        self.next(self.join)

    @step
    def join(self, inputs: list["NumericFanFlow"]) -> None:
        """Come together."""
        self.next(self.end)

    @step
    def end(self) -> None:
        """Done."""


if __name__ == "__main__":
    NumericFanFlow()
