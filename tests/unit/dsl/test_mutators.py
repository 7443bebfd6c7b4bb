"""Mutators: when they run, what they see, what they may change, and what is refused."""

from pathlib import Path
from typing import Any

import pytest

from flagstone.dsl import specs
from flagstone.dsl.flow import FlowSpec
from flagstone.dsl.mutating import begin_anew, pre_mutate
from flagstone.dsl.reading import read_plan
from flagstone.model.declarations import Card, Needs, UserDecorator
from flagstone.model.errors import FlagstoneError, InvalidDeclaration, InvalidName, MutatorFailed
from flagstone.model.flow_declarations import Project
from flagstone.model.resources import Resources
from tests.flows import flow_class

IMPORTS = """
from flagstone import FlowMutator, MutableFlow, StepMutator, UserStepDecorator, project, resources, schedule
from flagstone import user_step_decorator

@user_step_decorator
def timed(step_name, flow, inputs):
    yield

@user_step_decorator
def labelled(step_name, flow, inputs, attributes):
    yield

class G(UserStepDecorator):
    def init(self, x): ...

"""

STEPS = """
    alpha = Parameter("alpha", default=1)

    @step
    def start(self):
        self.next(self.end)

    @resources(cpu=2)
    @step
    def end(self):
        pass
"""


def mutated(folder: Path, hook: str, body: str, mutator: str = "FlowMutator") -> type[FlowSpec]:
    """A flow under one mutator whose hook has this body; the argument of the hook is called `it`."""
    above = {
        "FlowMutator": ("@Change\n", STEPS),
        "StepMutator": ("", STEPS.replace("    @step", "    @Change\n    @step")),
    }
    lines = "\n".join(f"        {line}" for line in body.splitlines())
    decorated, steps = above[mutator]
    return flow_class(
        folder,
        f"{IMPORTS}\nclass Change({mutator}):\n    def {hook}(self, it):\n{lines}\n\n"
        f"{decorated}class MutFlow(FlowSpec):{steps}",
    )


def refused(folder: Path, hook: str, body: str, mutator: str = "FlowMutator") -> FlagstoneError:
    flow = mutated(folder, hook, body, mutator)
    with pytest.raises(FlagstoneError) as caught:
        read_plan(flow)
    assert caught.value.where is not None
    assert caught.value.where.file == str(folder / "flow.py")
    return caught.value


def test_a_flow_mutator_adds_and_removes_parameters_before_there_is_a_command_line(tmp_path: Path) -> None:
    flow = mutated(
        tmp_path, "pre_mutate", 'it.add_parameter("extra", Parameter("extra", default=4))\nit.remove_parameter("alpha")'
    )

    pre_mutate(flow)

    assert list(flow.__flagstone__.parameters) == ["extra"]
    assert [(p.name, p.type) for p in read_plan(flow).parameters] == [("extra", "int")]


def test_a_parameter_is_replaced_only_when_asked(tmp_path: Path) -> None:
    replacement = 'it.add_parameter("alpha", Parameter("alpha", default=9), overwrite={})'

    flow = mutated(tmp_path, "pre_mutate", replacement.format(True))
    error = refused(tmp_path, "pre_mutate", replacement.format(False))

    assert read_plan(flow).parameters[0].default == "9"
    assert isinstance(error, InvalidName)
    assert "has 'alpha' already" in str(error)


def test_decorators_are_added_by_themselves_and_by_texts(tmp_path: Path) -> None:
    flow = mutated(
        tmp_path,
        "mutate",
        'it.start.add_decorator(resources, deco_kwargs={"memory": 10})\n'
        'it.start.add_decorator("labelled:colour=red")\n'
        "it.start.add_decorator(timed)",
    )

    assert read_plan(flow).step("start").declarations == (
        Needs(memory=10),
        UserDecorator("flow.labelled", (), {"colour": "red"}),
        UserDecorator("flow.timed"),
    )


def test_decorators_of_the_flow_are_added_and_removed_as_those_of_steps(tmp_path: Path) -> None:
    flow = mutated(
        tmp_path,
        "pre_mutate",
        'it.add_decorator("project:name=shop")\n'
        'it.add_decorator(schedule, deco_kwargs={"weekly": True})\n'
        'assert it.has_decorator("project") and it.has_decorator("Change")\n'
        'assert not it.add_decorator(project, deco_kwargs={"name": "other"})\n'
        'assert it.add_decorator(project, deco_kwargs={"name": "other"}, duplicates=it.OVERRIDE)\n'
        'assert it.remove_decorator("schedule") and not it.remove_decorator("schedule")',
    )

    assert read_plan(flow).declarations == (Project(name="other"),)


def test_a_decorator_that_a_step_may_have_several_times_is_added_each_time(tmp_path: Path) -> None:
    flow = mutated(tmp_path, "mutate", 'it.start.add_decorator("card:id=a")\nit.start.add_decorator("card:id=b")')

    assert [one.id for one in read_plan(flow).step("start").declarations if isinstance(one, Card)] == ["a", "b"]


@pytest.mark.parametrize(("duplicates", "cpu"), [("IGNORE", 2), ("OVERRIDE", 1)])
def test_what_is_there_already_stays_or_is_replaced(tmp_path: Path, duplicates: str, cpu: int) -> None:
    flow = mutated(tmp_path, "mutate", f'it.end.add_decorator("resources:cpu=1", duplicates=MutableFlow.{duplicates})')

    assert read_plan(flow).step("end").resources == Resources(cpu=cpu)


def test_what_is_there_already_can_be_an_error(tmp_path: Path) -> None:
    error = refused(tmp_path, "mutate", 'it.end.add_decorator("resources:cpu=1", duplicates=it.ERROR)')

    assert "has @resources already" in str(error)


def test_a_step_mutator_sees_its_step_and_takes_decorators_off(tmp_path: Path) -> None:
    flow = mutated(
        tmp_path,
        "mutate",
        "specs = [(spec.name, spec.kwargs) for spec in it.decorator_specs]\n"
        'expected = [("resources", {"cpu": 2})] if it.name == "end" else []\n'
        'assert [one for one in specs if one[0] != "Change"] == expected\n'
        'assert it.has_decorator("resources") == (it.name == "end")\n'
        "assert [name for name, _ in it.flow.parameters] == ['alpha']\n"
        'assert not it.remove_decorator("resources", deco_kwargs={"cpu": 7})\n'
        'assert it.remove_decorator("resources") == (it.name == "end")',
        "StepMutator",
    )

    assert read_plan(flow).step("end").declarations == ()


def test_a_mutator_may_add_mutators_which_then_run_both_of_their_hooks(tmp_path: Path) -> None:
    flow = flow_class(
        tmp_path,
        IMPORTS
        + """
calls = []

class Second(StepMutator):
    def init(self, who):
        self.who = who

    def pre_mutate(self, it):
        calls.append(f"pre {self.who} {it.name}")

    def mutate(self, it):
        calls.append(f"late {self.who} {it.name}")

class First(FlowMutator):
    def pre_mutate(self, it):
        it.start.add_decorator(Second, deco_kwargs={"who": "early"})

    def mutate(self, it):
        it.end.add_decorator(Second, ["tardy"])

@First
class ChainFlow(FlowSpec):"""
        + STEPS,
    )
    flow.calls = __import__("sys").modules["flow"].calls  # type: ignore[attr-defined]  # to look at

    read_plan(flow)
    read_plan(flow)

    assert flow.calls == [  # type: ignore[attr-defined]  # likewise
        "pre early start",
        "late early start",
        "pre tardy end",
        "late tardy end",
    ]


def test_mutators_of_a_base_come_first_and_change_nothing_about_it(tmp_path: Path) -> None:
    derived: Any = flow_class(
        tmp_path,
        IMPORTS
        + """
class Add(FlowMutator):
    def init(self, name):
        self.name = name

    def pre_mutate(self, it):
        it.add_parameter(self.name, Parameter(self.name, default=0))
        it.start.add_decorator(resources, deco_kwargs={"memory": len(list(it.parameters))}, duplicates=it.OVERRIDE)

@Add("one")
class BaseFlow(FlowSpec):"""
        + STEPS
        + """

@Add("outer")
@Add("two")
class ZDerivedFlow(BaseFlow):
    pass
""",
    )
    base = derived.__base__

    assert [p.name for p in read_plan(derived).parameters] == ["alpha", "one", "two", "outer"]
    assert [p.name for p in read_plan(base).parameters] == ["alpha", "one"]
    assert read_plan(derived).step("start").resources.memory == 4
    assert read_plan(base).step("start").resources.memory == 2


def test_a_flow_can_begin_anew(tmp_path: Path) -> None:
    flow = mutated(
        tmp_path, "pre_mutate", 'it.add_parameter("extra", Parameter("extra", default=4))\nit.remove_parameter("alpha")'
    )
    specs.attach(flow, "timed")
    before = read_plan(flow)

    begin_anew(flow)

    assert list(flow.__flagstone__.parameters) == ["alpha"]
    assert not hasattr(flow, "extra")
    after = read_plan(flow)
    assert after.parameters == before.parameters
    assert after.step("start").declarations == ()


@pytest.mark.parametrize(
    ("hook", "body", "problem"),
    [
        ("mutate", 'it.add_parameter("x", Parameter("x"))', "too late"),
        ("mutate", 'it.remove_parameter("alpha")', "too late"),
        ("pre_mutate", 'it.add_parameter("x", 3)', "is given 'int'"),
        ("pre_mutate", 'it.add_parameter("start", Parameter("start"))', "has 'start' already"),
        ("pre_mutate", 'it.add_parameter("index", Parameter("index"))', "index"),
        ("pre_mutate", "it.start = None", "cannot be added, removed or rewired"),
        ("pre_mutate", "del it.start", "cannot be added, removed or rewired"),
        ("pre_mutate", 'it.step("nowhere")', "no step called 'nowhere'"),
        ("pre_mutate", "it.start.add_decorator(print)", "'print' is not a step decorator"),
        ("pre_mutate", 'it.start.add_decorator("nothing:x=1")', "no step decorator called 'nothing'"),
        ("pre_mutate", 'it.start.add_decorator("resources:cpus=1")', "cpus"),
        ("pre_mutate", 'it.add_decorator("timed")', "is not a decorator of flows"),
        ("mutate", "it.add_decorator(Change)", "too late"),
    ],
)
def test_what_a_mutator_may_not_do_is_refused_at_its_line(tmp_path: Path, hook: str, body: str, problem: str) -> None:
    error = refused(tmp_path, hook, body)

    assert problem in str(error)
    line = (tmp_path / "flow.py").read_text().splitlines().index(f"        {body}") + 1
    assert error.where is not None
    assert error.where.line == line


def test_a_mutator_that_raises_is_told_with_its_line(tmp_path: Path) -> None:
    error = refused(tmp_path, "mutate", 'raise KeyError("alpha")')

    assert isinstance(error, MutatorFailed)
    assert "Change.mutate raised KeyError: 'alpha'" in str(error)


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("@timed\ndef start(self): ...", "not a step"),
        ("class Odd(UserStepDecorator):\n    def __init__(self, x): ...", "defines __init__"),
        ("@user_step_decorator\ndef plain(step_name, flow, inputs): ...", "has no yield"),
        ("@user_step_decorator\ndef few(flow):\n    yield", "takes 1 arguments"),
        ("class M(FlowMutator): ...\n@M(1)\ndef start(self): ...", "not a flow"),
        (
            "class F(FlowSpec):\n    @G\n    def start(self): ...",
            "F.start, which",
        ),
        ("class F(FlowSpec):\n    @timed\n    def start(self): ...", "stands on 'start', which is not a step"),
        (
            "class F(FlowSpec):\n    @step\n    @G\n    def start(self): ...",
            "@step stands above",
        ),
    ],
)
def test_decorators_in_the_wrong_place_are_refused_where_they_are_written(
    tmp_path: Path, source: str, problem: str
) -> None:
    with pytest.raises(InvalidDeclaration, match=problem) as caught:
        flow_class(tmp_path, f"{IMPORTS}\n{source}\n")
    assert caught.value.where is not None


@pytest.mark.parametrize(
    ("decorator", "problem"),
    [
        ("@timed(x=1)", "takes no arguments, and is given x=1"),
        ("@Given(y=1)", "its init does not take that"),
        ("@Given", "is given nothing"),
        ("@Bare(3)", "takes no arguments"),
    ],
)
def test_arguments_that_nobody_takes_are_refused(tmp_path: Path, decorator: str, problem: str) -> None:
    flow = flow_class(
        tmp_path,
        f"""{IMPORTS}
class Given(UserStepDecorator):
    def init(self, x): ...

class Bare(StepMutator): ...

class ArgumentFlow(FlowSpec):
    {decorator}
    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self): ...
""",
    )

    with pytest.raises(InvalidDeclaration, match=problem) as caught:
        read_plan(flow)
    assert caught.value.where is not None


def test_a_decorator_is_found_by_the_shortest_unique_end_of_its_path(tmp_path: Path) -> None:
    flow = flow_class(tmp_path, f"{IMPORTS}\nclass NamedFlow(FlowSpec):{STEPS}")
    flow_class(tmp_path, f"{IMPORTS}\nclass OtherFlow(FlowSpec):{STEPS}", "other.py")

    specs.attach(flow, "flow.labelled:colour=red")
    with pytest.raises(
        InvalidDeclaration, match=r"several decorators are called 'timed': .*flow.timed and other.timed"
    ):
        specs.attach(flow, "timed")

    assert read_plan(flow).step("start").declarations == (UserDecorator("flow.labelled", (), {"colour": "red"}),)


def test_arguments_in_the_plan_are_plain_data(tmp_path: Path) -> None:
    flow = flow_class(
        tmp_path,
        f"""{IMPORTS}
class PlainFlow(FlowSpec):
    @labelled(function=timed, table={{"a": [1, (2, 3)]}}, path=__import__("pathlib").Path("x"))
    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self): ...
""",
    )

    (said,) = read_plan(flow).step("start").declarations

    assert isinstance(said, UserDecorator)
    assert said.kwargs == {"function": "timed", "table": {"a": [1, (2, 3)]}, "path": "PosixPath('x')"}
