"""Every form of an artifact, a foreach, a retry, a catch and a nested branch."""

import sys
from typing import Any

import numpy as np
import pandas as pd

from flagstone import FlowSpec, IncludeFile, JSONType, Parameter, catch, current, retry, step


class HarvestFlow(FlowSpec):
    """Seeds, fields and what they brought."""

    seed = Parameter("seed", default=7)
    options = Parameter("options", type=JSONType, default='{"wet": [1, 2]}')
    notes = IncludeFile("notes", default="notes.txt")

    @step
    def start(self) -> None:
        """Make one of each kind."""
        draw = np.random.default_rng(self.seed)
        self.grain = draw.random(4_000)  # does not compress
        self.zeros = np.zeros((200, 50), dtype="float32")  # compresses
        self.names = np.array(["rye", "oat"])
        crops = ["rye", "oat", "é"] * 300
        self.table = pd.DataFrame({"field": np.arange(900) % 3, "yield": draw.random(900), "crop": crops})
        self.raw = draw.bytes(20_000)
        self.text = "sown, über alles 🌾"
        self.several = {"a": [1, 2.5, None], ("x", 1): {3, 4}, "big": 1 << 80}
        self.fields = ["north", "east", "south"]
        print("sowing", len(self.grain))
        print("a warning", file=sys.stderr)
        self.next(self.tend, foreach="fields")

    @retry(times=1, minutes_between_retries=0)
    @step
    def tend(self) -> None:
        """Fail the first time in the east."""
        if self.input == "east" and current.retry_count == 0:
            raise ValueError("rain in the east")
        self.field = self.input
        self.share = self.table[self.table["field"] == self.index]
        print("tended", self.input)
        self.next(self.gather)

    @step
    def gather(self, inputs: Any) -> None:
        """Join."""
        self.total = sum(float(one.share["yield"].sum()) for one in inputs)
        self.order = [one.field for one in inputs]
        self.merge_artifacts(inputs, include=["text", "table"])
        self.next(self.part)

    @step
    def part(self) -> None:
        """Branch."""
        self.next(self.left, self.right)

    @catch(var="trouble")
    @step
    def left(self) -> None:
        """Fail, and be caught."""
        self.barn = dict.fromkeys(self.order)["barn"]
        self.next(self.store)

    @step
    def right(self) -> None:
        """Go on."""
        self.side = "right"
        self.next(self.store)

    @step
    def store(self, inputs: Any) -> None:
        """Join again."""
        self.caught = [getattr(one, "trouble", None) is not None for one in inputs]
        self.total = inputs.right.total
        self.next(self.end)

    @step
    def end(self) -> None:
        """Done."""


if __name__ == "__main__":
    HarvestFlow()
