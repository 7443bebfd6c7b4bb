"""Decorators and mutators that users write, as they meet them: on the command line and in each kind of process."""

import pytest

from tests.acceptance.household import Household

TEAM = """
from flagstone import FlowMutator, Parameter, StepMutator, UserStepDecorator, user_step_decorator

@user_step_decorator
def noted(step_name, flow, inputs, attributes):
    flow.notes = [*getattr(flow, "notes", []), (step_name, attributes.get("by"))]
    yield

@user_step_decorator
def forgiving(step_name, flow, inputs):
    try:
        yield
    except ValueError as error:
        flow.forgiven = str(error)

class rules(FlowMutator):
    def pre_mutate(self, mutable_flow):
        mutable_flow.add_parameter("extra", Parameter("extra", default=4, help="how much more"))
        mutable_flow.end.add_decorator(noted, deco_kwargs={"by": "rules"})
"""

FLOW = """
from team import forgiving, rules

@rules
class TeamFlow(FlowSpec):
    @forgiving
    @step
    def start(self):
        self.base = 10
        raise ValueError("too much")
        self.next(self.end)

    @step
    def end(self):
        self.total = self.base + self.extra
"""


def plain(house: Household, name: str, text: str) -> None:
    """A file beside the flow, as it is."""
    path = house.work / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, "utf-8")


@pytest.mark.parametrize("isolation", ["fork", "worker", "spawn", "inline"])
def test_decorators_and_mutators_hold_in_every_kind_of_process(house: Household, isolation: str) -> None:
    plain(house, "team.py", TEAM)
    house.write(FLOW)

    house.run("flow.py", "run", "--extra", "6", "--with", "team.noted:by=me", "--isolation", isolation)

    data = house.data("TeamFlow")
    assert data.total == 16
    assert data.forgiven == "too much"
    assert data.notes == [("start", "me"), ("end", "rules")], "what a step has itself goes before --with"


def test_a_parameter_that_a_mutator_adds_is_in_the_help(house: Household) -> None:
    plain(house, "team.py", TEAM)
    house.write(FLOW)

    done = house.run("flow.py", "run", "--help")

    assert "--extra INTEGER" in done.out
    assert "how much more" in done.out


def test_a_decorator_that_is_installed_is_called_by_its_entry_point(house: Household) -> None:
    plain(house, "third_party.py", TEAM)
    plain(house, "third_party-1.0.dist-info/entry_points.txt", "[flagstone.decorators]\nnoticed = third_party:noted\n")
    plain(house, "third_party-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: third_party\nVersion: 1.0\n")
    house.write("""
        class PlainFlow(FlowSpec):
            @step
            def start(self):
                self.next(self.end)

            @step
            def end(self):
                pass
    """)

    house.run("flow.py", "run", "--with", "noticed:by=installed")

    assert house.data("PlainFlow").notes == [("start", "installed"), ("end", "installed")]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--with", "team.forgiving:x=1"], "@forgiving takes no arguments, and is given x=1"),
        (["--with", "team.nothing"], "there is no step decorator 'team.nothing'"),
        (["--with", "rules"], "is not a step decorator"),
    ],
)
def test_what_cannot_be_put_on_the_steps_is_told_without_a_traceback(
    house: Household, words: list[str], told: str
) -> None:
    plain(house, "team.py", TEAM)
    house.write(FLOW)

    done = house.run("flow.py", "run", *words, status=None)

    assert done.status != 0
    assert told in done.err
    assert "Traceback" not in done.text


def test_a_mutator_that_fails_is_told_with_its_line(house: Household) -> None:
    plain(house, "team.py", TEAM.replace("mutable_flow.end.add", "mutable_flow.nowhere.add"))
    house.write(FLOW)

    done = house.run("flow.py", "run", status=None)

    assert done.status != 0
    assert "rules.pre_mutate raised AttributeError: TeamFlow has no step 'nowhere'" in done.err
    assert "team.py:19" in done.err
    assert "Traceback" not in done.text
