"""Parameters: what the one who runs the flow may choose. Try `python examples/parameters.py run --help`."""

from flagstone import FlowSpec, JSONType, Parameter, step


class InterestFlow(FlowSpec):
    """Compound interest, year after year."""

    capital = Parameter("capital", default=1000.0, help="what one begins with")
    years = Parameter("years", default=10, help="how long one waits")
    rates = Parameter("rates", type=JSONType, default="[0.01, 0.05]", help="a JSON list of yearly rates")

    @step
    def start(self) -> None:
        self.outcome = {rate: round(self.capital * (1 + rate) ** self.years, 2) for rate in self.rates}
        self.next(self.end)

    @step
    def end(self) -> None:
        for rate, amount in self.outcome.items():
            print(f"{rate:.1%} a year for {self.years} years: {amount:,.2f}")


if __name__ == "__main__":
    InterestFlow()
