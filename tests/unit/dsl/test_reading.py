"""Reading a flow's source: where steps are found, in which order they come, and what happens without source."""

import sys
import time
from pathlib import Path

import pytest

from flagstone.dsl.flow import FlowSpec
from flagstone.dsl.reading import read_draft, read_plan
from flagstone.model.declarations import Needs
from flagstone.model.errors import InvalidFlow, InvalidGraph, Location
from flagstone.model.plan import Transition
from tests.flows import PREAMBLE, flow_class
from tests.strategies import Line, source_of


def test_a_whole_flow_becomes_a_plan(tmp_path: Path) -> None:
    cls = flow_class(
        tmp_path,
        '''
        class Prices(FlowSpec):
            """Predict prices.

                indented words
            and the rest
            """

            alpha = Parameter("alpha", default=2, type=int, help="a number")
            rules = Parameter("rules", type=JSONType, required=True)
            kind = "linear"

            @step
            def start(self):
                """Load."""
                self.next(self.left, self.right)

            @step
            def left(self):
                self.next(self.join)

            @step
            def right(self):
                self.next(self.join)

            @step
            def join(self, inputs):
                self.next(self.end)

            @step
            def end(self):
                """
                Tell
                  everyone.
                """
        ''',
    )

    plan = read_plan(cls)

    assert (plan.flow, plan.file, plan.start, plan.end) == ("Prices", str(tmp_path / "flow.py"), "start", "end")
    assert plan.doc == "Predict prices.\n\n    indented words\nand the rest"
    assert [p.name for p in plan.parameters] == ["alpha", "rules"]
    assert (plan.parameters[0].type, plan.parameters[0].default, plan.parameters[0].help) == ("int", "2", "a number")
    assert (plan.parameters[1].type, plan.parameters[1].default, plan.parameters[1].required) == ("json", None, True)
    assert plan.constants == ("kind",)
    assert [step.name for step in plan.steps] == ["start", "left", "right", "join", "end"]
    assert [step.joins for step in plan.steps] == [False, False, False, True, False]
    assert plan.matching_split == {"join": "start"}
    assert plan.step("start").doc == "Load."
    assert plan.step("end").doc == "Tell\n  everyone."


def test_a_step_lies_where_its_def_is(tmp_path: Path) -> None:
    cls = flow_class(
        tmp_path,
        """
        class F(FlowSpec):
            @declare_needs
            @step(
                isolation="spawn",
            )
            def start(self): self.next(self.end)
            @step
            def end(self): pass
        """.replace("@declare_needs", "@step"),
    )

    where = read_plan(cls).step("start").where

    assert (tmp_path / "flow.py").read_text().splitlines()[where.line - 1].strip().startswith("def start")


def test_decorators_over_several_lines_are_part_of_the_step(tmp_path: Path) -> None:
    cls = flow_class(
        tmp_path,
        """
        from flagstone.dsl.decorators import resources

        class F(FlowSpec):
            @resources(
                cpu=2,  # with a comment

                memory=100,
            )
            @step
            def start(self):
                self.next(self.end)

            @step
            def end(self):
                pass
        """,
    )

    assert read_plan(cls).step("start").declarations == (Needs(cpu=2, memory=100),)


def test_a_decorator_that_wraps_the_step_is_looked_through(tmp_path: Path) -> None:
    cls = flow_class(
        tmp_path,
        """
        import functools

        def shouting(function):
            @functools.wraps(function)
            def wrapper(*args):
                print("!")
                return function(*args)
            return wrapper

        class F(FlowSpec):
            @shouting
            @step
            def start(self):
                self.next(self.end)

            @step
            @shouting
            def end(self):
                pass
        """,
    )

    assert [step.name for step in read_plan(cls).steps] == ["start", "end"]


def test_a_wrapper_that_hides_the_step_is_an_error(tmp_path: Path) -> None:
    cls = flow_class(
        tmp_path,
        """
        def hiding(function):
            def wrapper(self):
                return function(self)
            return wrapper

        class F(FlowSpec):
            @step
            @hiding
            def start(self):
                self.next(self.end)

            @step
            def end(self):
                pass
        """,
    )

    with pytest.raises(InvalidFlow, match="'start' is the method 'wrapper' under another name"):
        read_plan(cls)


def test_one_line_functions_are_steps(tmp_path: Path) -> None:
    cls = flow_class(
        tmp_path,
        """
        class F(FlowSpec):
            @step
            def start(self): self.x = 1; self.next(self.end)
            @step
            def end(self): ...
        """,
    )

    assert read_plan(cls).step("start").next == ("end",)


@pytest.mark.parametrize("mark", ["@step", "@step(start=True)", "@step(end=True)"])
def test_a_single_step_is_a_flow(tmp_path: Path, mark: str) -> None:
    cls = flow_class(
        tmp_path,
        f"""
        class Lone(FlowSpec):
            {mark}
            def work(self):
                self.x = 1
        """,
    )

    plan = read_plan(cls)

    assert (plan.start, plan.end) == ("work", "work")
    assert plan.step("work").transition is Transition.END


def test_start_and_end_may_have_any_name(tmp_path: Path) -> None:
    cls = flow_class(
        tmp_path,
        """
        class F(FlowSpec):
            @step(end=True)
            def publish(self):
                pass
            @step(start=True)
            def fetch(self):
                self.next(self.publish)
        """,
    )

    plan = read_plan(cls)

    assert (plan.start, plan.end) == ("fetch", "publish")
    assert [step.name for step in plan.steps] == ["fetch", "publish"]


def test_steps_are_inherited_from_classes_in_other_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base = "class Base(FlowSpec):\n    @step\n    def start(self):\n        self.next(self.work)\n"
    base += "    @step\n    def end(self):\n        pass\n"
    (tmp_path / "base_flow.py").write_text(PREAMBLE + base)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "base_flow", raising=False)
    cls = flow_class(
        tmp_path,
        """
        from base_flow import Base

        class Derived(Base):
            @step
            def work(self):
                self.next(self.end)
        """,
    )

    plan = read_plan(cls)

    assert plan.flow == "Derived"
    assert plan.file == str(tmp_path / "flow.py")
    assert {step.name: Path(step.where.file).name for step in plan.steps} == {
        "start": "base_flow.py",
        "work": "flow.py",
        "end": "base_flow.py",
    }


def test_an_overridden_step_is_the_derived_one(tmp_path: Path) -> None:
    cls = flow_class(
        tmp_path,
        """
        class Base(FlowSpec):
            @step
            def start(self):
                self.next(self.end)
            @step
            def end(self):
                pass

        class Derived(Base):
            @step
            def start(self):
                self.next(self.extra)
            @step
            def extra(self):
                self.next(self.end)
        """,
    )

    assert [step.name for step in read_plan(cls).steps] == ["start", "extra", "end"]


def test_a_flow_without_steps_of_its_own_lies_where_its_class_is(tmp_path: Path) -> None:
    cls = flow_class(
        tmp_path,
        """
        class Base(FlowSpec):
            @step
            def start(self):
                self.next(self.more)

        class Derived(Base):
            pass
        """,
    )

    with pytest.raises(InvalidGraph, match="Derived has no end step") as caught:
        read_plan(cls)
    lines = (tmp_path / "flow.py").read_text().splitlines()
    assert caught.value.where == Location(str(tmp_path / "flow.py"), lines.index("class Derived(Base):") + 1)


def test_flows_inside_functions_and_conditions_are_found(tmp_path: Path) -> None:
    cls = flow_class(
        tmp_path,
        """
        def make():
            if True:
                class Inner(FlowSpec):
                    @step
                    def start(self):
                        self.next(self.end)
                    @step
                    def end(self):
                        pass
            return Inner

        Inner = make()
        """,
    )

    assert read_plan(cls).flow == "Inner"


def test_of_two_classes_with_one_name_each_has_its_own_steps(tmp_path: Path) -> None:
    first = flow_class(
        tmp_path,
        """
        class F(FlowSpec):
            @step
            def start(self):
                self.next(self.end)
            @step
            def end(self):
                pass

        First = F

        class F(FlowSpec):
            @step
            def start(self):
                self.next(self.other)
            @step
            def other(self):
                self.next(self.end)
            @step
            def end(self):
                pass
        """,
    )
    second: type[FlowSpec] = sys.modules["flow"].F

    assert read_plan(first).step("start").next == ("end",)
    assert read_plan(second).step("start").next == ("other",)
    assert read_draft(first).where.line < read_draft(second).where.line


def test_reading_takes_milliseconds(tmp_path: Path) -> None:
    lines = [Line("start", Transition.LINEAR, ("s1",))]
    lines += [Line(f"s{i}", Transition.LINEAR, (f"s{i + 1}",)) for i in range(1, 4)]
    lines += [Line("s4", Transition.LINEAR, ("end",)), Line("end", Transition.END, ())]
    cls = flow_class(tmp_path, source_of(lines))

    took = []
    for _ in range(5):
        begin = time.perf_counter()
        read_plan(cls)
        took.append(time.perf_counter() - begin)

    assert min(took) < 0.003
