"""The smallest flow: three steps in a row, and a value that travels with them."""

from flagstone import FlowSpec, step


class HelloFlow(FlowSpec):
    """Say hello."""

    @step
    def start(self) -> None:
        self.greeting = "Hello"
        self.next(self.address)

    @step
    def address(self) -> None:
        self.greeting = f"{self.greeting}, world"
        self.next(self.end)

    @step
    def end(self) -> None:
        print(self.greeting)


if __name__ == "__main__":
    HelloFlow()
