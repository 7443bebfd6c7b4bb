"""A flow that tests call."""

from flagstone import FlowSpec, Parameter, step


class CalledFlow(FlowSpec):
    """Doubles a number."""

    n = Parameter("n", default=1)
    check = Parameter("check", default="a parameter that is called as an option of the call")

    @step
    def start(self) -> None:
        print("doubling", self.n)
        if self.n == 13:
            raise ValueError("unlucky")
        self.double = self.n * 2
        self.next(self.end)

    @step
    def end(self) -> None:
        self.resume = self.double + 1
