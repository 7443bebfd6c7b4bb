"""A plan as text, Mermaid, Graphviz and data: golden texts of one flow that has every form."""

import json
from pathlib import Path

import pytest
from hypothesis import given

from flagstone.dsl.reading import read_plan
from flagstone.model import drawing
from flagstone.model.errors import Location
from flagstone.model.plan import Case, ParameterPlan, Plan, Step, Transition
from tests.flows import flow_class
from tests.strategies import FlowTree, flows, plan_of

GOLDEN = Path(__file__).parent / "golden"

EVERYTHING = '''
class EveryFlow(FlowSpec):
    """Every form of self.next.

    In one flow.
    """

    n = Parameter("n", default=3, help="how many")
    kind = "constant"

    @step
    def start(self):
        """Look around."""
        self.next(self.spread, self.other)

    @step
    def spread(self):
        self.items = [1, 2]
        self.next(self.work, foreach="items")

    @step
    def work(self):
        """
        Do the work.

          With care.
        """
        self.next({"good": self.keep, "fair": self.keep, -1: self.drop, None: self.work}, condition="verdict")

    @step
    def keep(self):
        self.next(self.gather)

    @step
    def drop(self):
        self.next(self.gather)

    @step
    def gather(self, inputs):
        self.next(self.meet)

    @step
    def other(self):
        self.next(self.gang, num_parallel=self.n + 1)

    @parallel
    @step
    def gang(self):
        self.next(self.gang_join)

    @step
    def gang_join(self, inputs):
        self.next(self.meet)

    @step
    def meet(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass
'''


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return read_plan(flow_class(tmp_path, EVERYTHING))


def test_as_text(plan: Plan) -> None:
    assert drawing.text(plan) == (GOLDEN / "every.txt").read_text()


def test_as_mermaid(plan: Plan) -> None:
    assert drawing.mermaid(plan) == (GOLDEN / "every.mmd").read_text()


def test_as_dot(plan: Plan) -> None:
    assert drawing.dot(plan) == (GOLDEN / "every.dot").read_text()


def test_as_data(plan: Plan) -> None:
    data = drawing.data(plan)

    assert json.loads(json.dumps(data)) == data
    assert {name: step["type"] for name, step in data["steps"].items()} == {
        "start": "split-static",
        "spread": "split-foreach",
        "work": "split-switch",
        "keep": "linear",
        "drop": "linear",
        "gather": "join",
        "other": "split-parallel",
        "gang": "linear",
        "gang_join": "join",
        "meet": "join",
        "end": "end",
    }
    assert data["steps"]["spread"]["matching_join"] == "gather"
    assert data["steps"]["gather"]["matching_split"] == "spread"
    assert data["steps"]["work"]["switch_cases"] == [["good", "keep"], ["fair", "keep"], [-1, "drop"], [None, "work"]]
    assert data["steps"]["gang"]["decorators"] == [{"declares": "Parallel"}]
    assert data["parameters"][0]["name"] == "n"
    assert data["constants"] == ["kind"]


def tricky() -> Plan:
    """A plan whose labels contain what could end a label."""
    where = Location("f.py", 1)
    cases = (Case('say "hi"', "a"), Case("back\\slash", "a"), Case("new\nline", "a"), Case("<b>#1;</b>", "a"))
    return Plan(
        flow='Quote"d',
        file="f.py",
        start="start",
        end="end",
        steps=(
            Step("start", Transition.SWITCH, ("a",), False, where, condition="x", cases=cases),
            Step("a", Transition.LINEAR, ("end",), False, where),
            Step("end", Transition.END, (), False, where),
        ),
        parameters=(ParameterPlan("p", "p", "str"),),
    )


def test_labels_cannot_break_out_of_a_dot_file() -> None:
    text = drawing.dot(tricky())

    assert 'digraph "Quote\\"d" {' in text
    label = next(line for line in text.splitlines() if "label=" in line)
    assert '\\"hi\\"' in label
    assert "back\\\\\\\\slash" in label
    assert text.count("\n") == 8


def test_labels_cannot_break_out_of_a_mermaid_chart() -> None:
    label = next(line for line in drawing.mermaid(tricky()).splitlines() if "-->|" in line)

    inner = label.split('|"')[1].split('"|')[0]
    assert not set('"<>|`') & set(inner)
    assert "#34;hi#34;" in inner
    assert "#60;b#62;#35;1#59;" in inner


@given(tree=flows())
def test_every_flow_can_be_drawn(tree: FlowTree) -> None:
    plan = plan_of(tree)

    text = drawing.text(plan)

    assert all(f"Step {step.name}\n" in text for step in plan.steps)
    edges = sum(len(step.next) for step in plan.steps)
    assert drawing.mermaid(plan).count("-->") == edges
    assert drawing.dot(plan).count(" -> ") == edges
    assert len(drawing.data(plan)["steps"]) == len(plan.steps)
