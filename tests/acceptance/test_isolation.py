"""However a task gets its process, it computes the same, and what one task does is not felt by the next."""

from typing import Any

import pytest

from tests.acceptance.household import Household

ISOLATIONS = ("fork", "worker", "spawn", "inline")

SAME = """
import collections, dataclasses, enum
import numpy as np

@dataclasses.dataclass
class Point:
    x: int
    def double(self):
        return Point(2 * self.x)

class Colour(enum.Enum):
    RED = 1

Pair = collections.namedtuple("Pair", "left right")

class SameFlow(FlowSpec):
    scale = Parameter("scale", default=3)
    table = {"seen": []}

    @step
    def start(self):
        self.array = np.arange(50_000.0)
        self.point, self.colour, self.pair = Point(1), Colour.RED, Pair(1, "b")
        self.add = lambda value: value + self_scale(10)
        self.next(self.left, self.right)

    @step
    def left(self):
        self.array[0] = -1
        self.items = [1, 2, 3]
        self.next(self.work, foreach="items")

    @step
    def work(self):
        self.table["seen"].append(self.input)
        self.seen = list(self.table["seen"])
        self.array[:] *= self.input
        self.sum = float(self.array.sum()) * self.scale
        self.same = (isinstance(self.point, Point), isinstance(self.pair, Pair), self.colour is Colour.RED)
        self.random = float(np.random.rand())
        print("work on", self.input)
        self.next(self.gather)

    @step
    def gather(self, inputs):
        self.sums = [i.sum for i in inputs]
        self.same = [i.same for i in inputs]
        self.seen = [i.seen for i in inputs]
        self.random = [i.random for i in inputs]
        self.points = [i.point.double().x for i in inputs]
        self.next(self.join)

    @step
    def right(self):
        self.first = float(self.array[0])
        self.next(self.join)

    @step
    def join(self, inputs):
        self.first = inputs.right.first
        self.merge_artifacts(inputs, exclude=["array"])
        self.next(self.end)

    @step
    def end(self):
        self.last = self.add(1)

def self_scale(value):
    return value * 2
"""


@pytest.mark.parametrize("isolation", ISOLATIONS)
def test_a_flow_leaves_the_same_artifacts_behind(house: Household, isolation: str) -> None:
    house.write(SAME)

    house.run("flow.py", "run", "--isolation", isolation, "--max-workers", 2)

    data: Any = house.latest("SameFlow").data
    total = sum(range(50_000)) - 1
    assert data.sums == [float(3 * n * total) for n in (1, 2, 3)]
    assert data.same == [(True, True, True)] * 3
    assert data.seen == [[1], [2], [3]], "what a task does to a class attribute is not seen by its siblings"
    assert data.points == [2, 2, 2]
    assert data.last == 21
    assert data.first == 0.0, "a branch does not see what the other did to its own array"
    assert len(set(data.random)) == 3, "siblings draw different numbers"
    assert [task.stdout for task in house.latest("SameFlow")["work"]] == [f"work on {n}\n" for n in (3, 2, 1)]
    house.assert_whole()


def test_one_step_may_be_run_by_workers_and_a_crash_costs_one_item(house: Household) -> None:
    house.write("""
        import os, pathlib

        class WorkerFlow(FlowSpec):
            @step
            def start(self):
                self.items = list(range(20))
                self.next(self.quick, foreach="items")

            @step(isolation="worker")
            def quick(self):
                if self.input == 7 and not pathlib.Path("fixed").exists():
                    os._exit(9)
                self.pid = os.getpid()
                self.next(self.gather)

            @step
            def gather(self, inputs):
                self.pids = [i.pid for i in inputs]
                self.next(self.end)

            @step
            def end(self):
                self.pid = os.getpid()
    """)

    house.run("flow.py", "run", "--keep-going", "--max-workers", 2, status=1)
    (house.work / "fixed").touch()
    failed = house.latest("WorkerFlow")
    house.run("flow.py", "resume")

    data: Any = house.latest("WorkerFlow").data
    assert [task.index for task in failed["quick"] if not task.successful] == [7]
    assert len(data.pids) == 20
    assert len(set(data.pids)) <= 5
    assert data.pid not in data.pids
    house.assert_whole()


def test_tasks_wait_until_there_is_memory_for_them_and_compute_with_as_many_threads_as_they_claim(
    house: Household,
) -> None:
    house.write("""
        import time
        import numpy as np
        from flagstone.kit.processes import memory
        from threadpoolctl import threadpool_info

        MOST = int(memory() / 2**20 * 0.6)

        class ClaimFlow(FlowSpec):
            @step
            def start(self):
                self.items = [1, 2, 3]
                self.next(self.big, foreach="items")

            @resources(memory=MOST, cpu=1)
            @step
            def big(self):
                self.begin = time.monotonic()
                time.sleep(0.1)
                np.ones((50, 50)) @ np.ones((50, 50))
                self.threads = {pool["num_threads"] for pool in threadpool_info()}
                self.end_ = time.monotonic()
                self.next(self.gather)

            @step
            def gather(self, inputs):
                self.spans = sorted((i.begin, i.end_) for i in inputs)
                self.threads = set().union(*(i.threads for i in inputs))
                self.next(self.wide)

            @resources(cpu=2)
            @step
            def wide(self):
                np.ones((50, 50)) @ np.ones((50, 50))
                self.wide_threads = {pool["num_threads"] for pool in threadpool_info()}
                self.next(self.end)

            @step
            def end(self):
                pass
    """)

    house.run("flow.py", "run", "--max-workers", 4)

    data: Any = house.latest("ClaimFlow").data
    assert all(one[1] <= other[0] for one, other in zip(data.spans, data.spans[1:], strict=False))
    assert data.threads == {1}
    assert data.wide_threads <= {2}


def test_a_claim_that_no_machine_can_meet_is_refused_before_anything_runs(house: Household) -> None:
    house.write("""
        class HugeFlow(FlowSpec):
            @step
            def start(self):
                self.next(self.end)

            @resources(memory=99_000_000)
            @step
            def end(self):
                pass
    """)

    done = house.run("flow.py", "run", status=2)

    assert "'end' asks for" in done.err
    assert "memory" in done.err
    assert house.flagstone("runs").out.count("HugeFlow/") == 0
