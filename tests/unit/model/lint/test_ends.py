"""The rules about where a flow begins and ends, each as a broken flow and what its author is told."""

from pathlib import Path

import pytest

from tests.flows import refusal


@pytest.mark.parametrize("name", ["name", "next", "input", "index", "cmd", "foreach_stack", "merge_artifacts"])
def test_a_step_cannot_take_a_name_that_self_already_has(tmp_path: Path, name: str) -> None:
    error = refusal(
        tmp_path,
        f"""
        class F(FlowSpec):
            @step
            def start(self):
                self.next(self.{name})
            @step
            def {name}(self):  # here
                self.next(self.end)
            @step
            def end(self):
                pass
        """,
    )

    assert f"cannot be called '{name}'" in str(error)
    assert f"def my_{name}(self):" in error.hint


def test_a_flow_without_steps_is_told_how_to_write_one(tmp_path: Path) -> None:
    error = refusal(
        tmp_path,
        """
        class Empty(FlowSpec):  # here
            x = 1
        """,
    )

    assert "Empty has no steps" in str(error)
    assert "@step" in error.hint


def test_a_flow_needs_a_start(tmp_path: Path) -> None:
    error = refusal(
        tmp_path,
        """
        class F(FlowSpec):  # here
            @step
            def begin(self):
                self.next(self.end)
            @step
            def end(self):
                pass
        """,
    )

    assert "F has no start step" in str(error)
    assert "@step(start=True)\n    def begin(self):" in error.hint


def test_a_flow_needs_an_end(tmp_path: Path) -> None:
    error = refusal(
        tmp_path,
        """
        class F(FlowSpec):  # here
            @step
            def start(self):
                self.next(self.finish)
            @step
            def finish(self):
                pass
        """,
    )

    assert "F has no end step" in str(error)
    assert "@step(end=True)\n    def finish(self):" in error.hint


def test_a_single_step_that_goes_on_lacks_an_end(tmp_path: Path) -> None:
    error = refusal(
        tmp_path,
        """
        class F(FlowSpec):  # here
            @step
            def start(self):
                self.next(self.end)
        """,
    )

    assert "no end step" in str(error)


@pytest.mark.parametrize("role", ["start", "end"])
def test_two_steps_marked_as_the_same_end_of_the_flow(tmp_path: Path, role: str) -> None:
    error = refusal(
        tmp_path,
        f"""
        class F(FlowSpec):
            @step({role}=True)
            def one(self):
                self.next(self.two)
            @step({role}=True)
            def two(self):  # here
                self.next(self.end)
            @step
            def {"end" if role == "start" else "start"}(self):
                pass
        """,
    )

    assert f"2 {role} steps: 'one' and 'two'" in str(error)


def test_a_mark_may_not_disagree_with_a_name(tmp_path: Path) -> None:
    error = refusal(
        tmp_path,
        """
        class F(FlowSpec):
            @step
            def start(self):
                self.next(self.end)
            @step(start=True)
            def begin(self):  # here
                self.next(self.start)
            @step
            def end(self):
                pass
        """,
    )

    assert "'begin' is marked start=True, and another step is called 'start'" in str(error)


def test_an_end_mark_may_not_disagree_with_a_name(tmp_path: Path) -> None:
    error = refusal(
        tmp_path,
        """
        class F(FlowSpec):
            @step
            def start(self):
                self.next(self.end)
            @step
            def end(self):
                self.next(self.finish)
            @step(end=True)
            def finish(self):  # here
                pass
        """,
    )

    assert "'finish' is marked end=True, and another step is called 'end'" in str(error)


def test_nothing_leads_back_to_the_start(tmp_path: Path) -> None:
    error = refusal(
        tmp_path,
        """
        class F(FlowSpec):
            @step
            def start(self):
                self.next(self.a)
            @step
            def a(self):
                self.next(self.start)  # here
            @step
            def end(self):
                pass
        """,
    )

    assert "step 'a' leads back to the start step 'start'" in str(error)


def test_the_end_goes_nowhere(tmp_path: Path) -> None:
    error = refusal(
        tmp_path,
        """
        class F(FlowSpec):
            @step
            def start(self):
                self.next(self.end)
            @step
            def end(self):
                self.next(self.more)  # here
            @step
            def more(self):
                pass
        """,
    )

    assert "the end step 'end' goes on to 'more'" in str(error)
    assert "@step(end=True)" in error.hint


@pytest.mark.parametrize("body", ["self.next(where)", "self.next(self.nowhere)", "return self.next(self.nowhere)"])
def test_the_end_has_no_self_next_of_any_kind(tmp_path: Path, body: str) -> None:
    error = refusal(
        tmp_path,
        f"""
        class F(FlowSpec):
            @step
            def start(self):
                self.next(self.end)
            @step
            def end(self):
                {body}  # here
        """,
    )

    assert "the end step 'end' has a self.next" in str(error)


def test_the_end_is_not_a_join(tmp_path: Path) -> None:
    error = refusal(
        tmp_path,
        """
        class F(FlowSpec):
            @step
            def start(self):
                self.next(self.a, self.b)
            @step
            def a(self):
                self.next(self.end)
            @step
            def b(self):
                self.next(self.end)
            @step
            def end(self, inputs):  # here
                pass
        """,
    )

    assert "the end step 'end' takes inputs" in str(error)
    assert "def join(self, inputs):" in error.hint
