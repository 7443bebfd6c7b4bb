"""The same foreach, whose last item fails as long as BENCHMARK_FAILS is set."""

import os

from flagstone import FlowSpec, Parameter, step


class FlakyFanFlow(FlowSpec):
    """`width` tasks, of which one may fail."""

    width = Parameter("width", default=1000, type=int)

    @step
    def start(self) -> None:
        """Spread out."""
        self.items = list(range(self.width))
        self.next(self.work, foreach="items")

    @step
    def work(self) -> None:
        """Nearly nothing, except for the last one."""
        self.value = self.index
        if self.index == self.width - 1 and os.environ.get("BENCHMARK_FAILS"):
            raise ValueError("this item was told to fail")
        self.next(self.join)

    @step
    def join(self, inputs: list["FlakyFanFlow"]) -> None:
        """Come together."""
        self.next(self.end)

    @step
    def end(self) -> None:
        """Done."""


if __name__ == "__main__":
    FlakyFanFlow()
