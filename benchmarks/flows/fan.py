"""A foreach of tasks that do nothing but keep one small artifact, and a join."""

from flagstone import FlowSpec, Parameter, step


class FanFlow(FlowSpec):
    """`width` tasks between a start and a join."""

    width = Parameter("width", default=1000, type=int)

    @step
    def start(self) -> None:
        """Spread out."""
        self.items = list(range(self.width))
        self.next(self.work, foreach="items")

    @step
    def work(self) -> None:
        """Nearly nothing."""
        self.value = self.index
        self.next(self.join)

    @step
    def join(self, inputs: list["FanFlow"]) -> None:
        """Come together."""
        self.next(self.end)

    @step
    def end(self) -> None:
        """Done."""


if __name__ == "__main__":
    FanFlow()
