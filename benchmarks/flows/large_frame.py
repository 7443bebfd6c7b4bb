"""A step stores a pandas frame of floats, ints, strings and dates; the next one loads it and reads every column."""

import time

import numpy as np
import pandas as pd

from flagstone import FlowSpec, Parameter, step


class FrameFlow(FlowSpec):
    """A frame of `rows` rows."""

    rows = Parameter("rows", default=2_000_000, type=int)

    @step
    def start(self) -> None:
        """Make the frame; `making` is how long that took, in seconds."""
        begun = time.perf_counter()
        random = np.random.default_rng(7)
        names = np.array([f"customer-{number:06d}" for number in range(100_000)], dtype=object)
        seconds = random.integers(1_600_000_000, 1_800_000_000, self.rows)
        self.frame = pd.DataFrame(
            {
                "price": random.random(self.rows),
                "count": random.integers(0, 1_000_000, self.rows),
                "customer": names[random.integers(0, len(names), self.rows)],
                "day": pd.to_datetime(seconds, unit="s"),
            }
        )
        self.making = time.perf_counter() - begun
        self.next(self.read)

    @step
    def read(self) -> None:
        """Load it; `touching` is how long that took, in seconds."""
        begun = time.perf_counter()
        frame = self.frame
        self.total = (float(frame["price"].sum()), int(frame["count"].sum()), str(frame["customer"].iloc[-1]))
        self.last = str(frame["day"].max())
        self.touching = time.perf_counter() - begun
        self.next(self.end)

    @step
    def end(self) -> None:
        """Done."""


if __name__ == "__main__":
    FrameFlow()
