"""Foreach: one task for each element of anything that can be iterated, at the same time, and a join."""

from typing import Any

from flagstone import FlowSpec, Parameter, step


class PrimesFlow(FlowSpec):
    """Count primes, one task for each range of numbers."""

    ranges = Parameter("ranges", default=8, help="how many ranges")
    width = Parameter("width", default=5_000, help="how many numbers in each")

    @step
    def start(self) -> None:
        self.firsts = (i * self.width for i in range(self.ranges))
        self.next(self.count, foreach="firsts")

    @step
    def count(self) -> None:
        self.primes = sum(is_prime(n) for n in range(self.input, self.input + self.width))
        self.next(self.add)

    @step
    def add(self, inputs: Any) -> None:
        self.counts = [task.primes for task in inputs]  # in the order of the foreach
        self.next(self.end)

    @step
    def end(self) -> None:
        print(f"{sum(self.counts)} primes below {self.ranges * self.width}: {self.counts}")


def is_prime(n: int) -> bool:
    """By trial division."""
    return n > 1 and all(n % d for d in range(2, int(n**0.5) + 1))


if __name__ == "__main__":
    PrimesFlow()
