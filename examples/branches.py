"""Branches that run at the same time, and the join where they meet."""

from random import Random
from statistics import fmean, median
from typing import Any

from flagstone import FlowSpec, step


class MiddleFlow(FlowSpec):
    """Two ways to find the middle of the same numbers."""

    @step
    def start(self) -> None:
        self.numbers = [Random(7).lognormvariate(0, 1) for _ in range(1_000)]
        self.next(self.mean, self.middle)

    @step
    def mean(self) -> None:
        self.answer = fmean(self.numbers)
        self.next(self.compare)

    @step
    def middle(self) -> None:
        self.answer = median(self.numbers)
        self.next(self.compare)

    @step
    def compare(self, inputs: Any) -> None:
        self.difference = inputs.mean.answer - inputs.middle.answer
        self.merge_artifacts(inputs, include=["numbers"])
        self.next(self.end)

    @step
    def end(self) -> None:
        print(f"of {len(self.numbers)} numbers the mean lies {self.difference:.3f} above the median")


if __name__ == "__main__":
    MiddleFlow()
