"""`--with` puts a decorator where it is missing."""

from pathlib import Path

import pytest

from flagstone.cli.attach import attach
from flagstone.dsl.reading import read_plan
from flagstone.model.errors import InvalidDeclaration
from flagstone.model.resources import Resources
from tests.flows import flow_class

FLOW = """
from flagstone.dsl.decorators import resources

class WithFlow(FlowSpec):
    @step
    def start(self):
        self.next(self.end)

    @resources(cpu=3)
    @step
    def end(self):
        pass
"""


def test_a_decorator_is_put_on_the_steps_that_lack_it(tmp_path: Path) -> None:
    flow = flow_class(tmp_path, FLOW)

    attach(flow, "resources:cpu=2,memory=100")

    plan = read_plan(flow)
    assert plan.step("start").resources == Resources(cpu=2, memory=100)
    assert plan.step("end").resources == Resources(cpu=3)


def test_a_decorator_without_arguments_takes_its_defaults(tmp_path: Path) -> None:
    flow = flow_class(tmp_path, FLOW)

    attach(flow, "resources")

    assert read_plan(flow).step("start").resources == Resources(cpu=1)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("retyr:times=3", "no step decorator called 'retyr'"),
        ("", "no step decorator"),
        ("resources:cpu", "'cpu' is not attribute=value"),
        ("resources:cpu=many", "cpu='many'"),
        ("resources:colour=1", "colour"),
    ],
)
def test_what_cannot_be_attached_is_refused(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(InvalidDeclaration, match=problem):
        attach(flow_class(tmp_path, FLOW), text)
