"""A step stores an array of random float64; the next one opens it and touches 1% of it."""

import time

import numpy as np

from flagstone import FlowSpec, Parameter, step


class ArrayFlow(FlowSpec):
    """`mebibytes` of noise, which no compression makes smaller."""

    mebibytes = Parameter("mebibytes", default=512, type=int)

    @step
    def start(self) -> None:
        """Make the array; `making` is how long that took, in seconds."""
        begun = time.perf_counter()
        self.array = np.random.default_rng(7).random(self.mebibytes * 2**17)
        self.making = time.perf_counter() - begun
        self.next(self.touch)

    @step
    def touch(self) -> None:
        """Read every hundredth page-sized stretch; `touching` is how long that took, in seconds."""
        begun = time.perf_counter()
        array = self.array
        stretch = 512
        self.total = sum(float(array[at : at + stretch].sum()) for at in range(0, len(array), 100 * stretch))
        self.touching = time.perf_counter() - begun
        self.next(self.end)

    @step
    def end(self) -> None:
        """Done."""


if __name__ == "__main__":
    ArrayFlow()
