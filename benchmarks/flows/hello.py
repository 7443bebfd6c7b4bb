"""Hello world in three steps."""

from flagstone import FlowSpec, step


class HelloFlow(FlowSpec):
    """Start, middle, end."""

    @step
    def start(self) -> None:
        """Begin."""
        self.next(self.middle)

    @step
    def middle(self) -> None:
        """Do nothing."""
        self.next(self.end)

    @step
    def end(self) -> None:
        """Say it."""
        print("hello world")


if __name__ == "__main__":
    HelloFlow()
