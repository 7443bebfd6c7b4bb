"""A flow of every form, for the tests of what tests flows."""

import threading
from typing import Any, ClassVar
from unittest.mock import Mock

from flagstone import Config, FlowSpec, Parameter, current, parallel, step


class ShopFlow(FlowSpec):
    """Branches around a foreach."""

    rate = Parameter("rate", default=0.5)
    shop_name = Parameter("shop-name", default=lambda context: f"{context.flow_name} of {context.user_name}")
    limits: ClassVar[dict[str, int]] = {"low": 1}

    @step
    def start(self) -> None:
        self.common = "common"
        self.shops = iter(["a", "b"])
        self.next(self.prices, self.visits)

    @step
    def prices(self) -> None:
        print("prices at", self.rate)
        self.price = 100 * self.rate
        self.next(self.both)

    @step
    def visits(self) -> None:
        self.names = ["x", "y", "z"]
        self.next(self.visit, foreach="names")

    @step
    def visit(self) -> None:
        self.seen = f"{self.index}{self.input}"
        self.place = current.pathspec
        self.next(self.collect)

    @step
    def collect(self, inputs: Any) -> None:
        self.all_seen = [each.seen for each in inputs]
        self.next(self.both)

    @step
    def both(self, inputs: Any) -> None:
        self.report = (inputs.prices.price, inputs.collect.all_seen)
        self.merge_artifacts(inputs)
        self.next(self.end)

    @step
    def end(self) -> None:
        if not self.report:
            raise LookupError("nothing to report")
        self.done = True


class FailingFlow(FlowSpec):
    """Fails in its first step."""

    @step
    def start(self) -> None:
        self.half = "done"
        self.next(self.end)

    @step
    def end(self) -> None:
        raise LookupError("the shelves are empty")


class MockFlow(FlowSpec):
    """Uses something that no store takes, and a name that the class uses too."""

    @step
    def start(self) -> None:
        self.client = Mock()
        self.lock = threading.Lock()
        self.resume = self.client.fetch(3)
        self.next(self.end)

    @step
    def end(self) -> None:
        self.found = self.resume


class ConfiguredFlow(FlowSpec):
    """Takes its numbers from a config."""

    cfg = Config("cfg", default_value={"scale": 2, "cpu": 1})
    scale = Parameter("scale", default=cfg.scale)

    @step
    def start(self) -> None:
        self.x = self.cfg.scale * 10 + self.scale


class GangFlow(FlowSpec):
    """Three tasks at once."""

    @step
    def start(self) -> None:
        self.next(self.train, num_parallel=3)

    @parallel
    @step
    def train(self) -> None:
        self.node = (current.parallel.node_index, current.parallel.num_nodes)
        self.next(self.join)

    @step
    def join(self, inputs: Any) -> None:
        self.nodes = [task.node for task in inputs]
        self.next(self.end)

    @step
    def end(self) -> None:
        pass
