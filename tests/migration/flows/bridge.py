"""A run that fails half-way until BRIDGE_STANDS is set, and one that is killed at WAIT_HERE."""

import os
import time
from typing import Any

from flagstone import FlowSpec, step


class BridgeFlow(FlowSpec):
    """Cross the river."""

    @step
    def start(self) -> None:
        """Two of three carts get across."""
        self.load = list(range(1000))
        self.carts = [1, 2, 3]
        self.next(self.cross, foreach="carts")

    @step
    def cross(self) -> None:
        """The third needs the bridge."""
        self.crossed = self.input * 10
        if os.environ.get("WAIT_HERE"):
            print("waiting", flush=True)
            time.sleep(600)
        if self.input == 3 and not os.environ.get("BRIDGE_STANDS"):
            raise RuntimeError("the bridge is out")
        self.next(self.arrive)

    @step
    def arrive(self, inputs: Any) -> None:
        """Count them."""
        self.carried = sum(one.crossed for one in inputs)
        self.next(self.end)

    @step
    def end(self) -> None:
        """There."""


if __name__ == "__main__":
    BridgeFlow()
