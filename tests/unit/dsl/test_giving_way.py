"""`--with catch` is put on every step that can have it; a step that chooses or spreads out does without."""

from pathlib import Path

import pytest

from flagstone.dsl import specs
from flagstone.dsl.reading import read_plan
from flagstone.model.attempts import Catch, Retry
from flagstone.model.errors import InvalidGraph
from tests.flows import flow_class

FLOW = """
from flagstone.dsl.decorators import catch

class GivingFlow(FlowSpec):
    @step
    def start(self):
        self.items = [1]
        self.next(self.each, foreach="items")

    OWN
    @step
    def each(self):
        if self.input:
            self.next(self.a)
        else:
            self.next(self.b)

    @step
    def a(self):
        self.next(self.meet)

    @step
    def b(self):
        self.next(self.meet)

    @step
    def meet(self):
        self.next(self.gang, num_parallel=2)

    @parallel
    @step
    def gang(self):
        self.next(self.join)

    @step
    def join(self, inputs):
        self.next(self.gather)

    @step
    def gather(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass
"""


def test_what_is_put_on_every_step_is_not_on_those_that_cannot_have_it_and_says_so(tmp_path: Path) -> None:
    flow = flow_class(tmp_path, FLOW.replace("OWN", ""))

    specs.attach(flow, "retry:times=1")
    specs.attach(flow, "catch:var=error")
    plan = read_plan(flow)

    assert {step.name for step in plan.steps if step.declared(Catch) is None} == {"start", "each", "meet"}
    assert all(step.declared(Retry) for step in plan.steps)
    assert specs.gave_way(flow, plan) == [
        "--with catch: not on start, each and meet, where after a failure nobody could say where to go on"
    ]


def test_nothing_is_said_where_everything_is_put(tmp_path: Path) -> None:
    flow = flow_class(tmp_path, FLOW.replace("OWN", ""))

    specs.attach(flow, "retry")

    assert specs.gave_way(flow, read_plan(flow)) == []


def test_a_catch_that_a_step_has_of_its_own_is_still_refused(tmp_path: Path) -> None:
    flow = flow_class(tmp_path, FLOW.replace("OWN", "@catch(var='mine')"))

    specs.attach(flow, "catch")

    with pytest.raises(InvalidGraph, match="'each' has @catch and a switch"):
        read_plan(flow)
