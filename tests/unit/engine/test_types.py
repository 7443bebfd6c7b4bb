"""Declared types: what a step leaves is compared with the annotations of its flow."""

from pathlib import Path

import pytest

from flagstone.app.options import RunOptions
from flagstone.app.running import run_flow
from flagstone.client import Run
from flagstone.dsl.annotations import where_declared
from flagstone.model.errors import Location
from flagstone.model.states import State
from tests.flows import flow_class


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLAGSTONE_HOME", str(tmp_path / "home"))


def complaint(folder: Path, source: str) -> str:
    """What the failed task of the run says; empty for a run that succeeds."""
    outcome = run_flow(flow_class(folder, source), RunOptions(isolation="inline", stream_output=False))
    for step in Run(str(outcome.run)):
        for task in step:
            if task.exception is not None:
                return str(task.exception)
    assert outcome.state is State.SUCCEEDED
    return ""


@pytest.mark.parametrize(
    ("annotation", "value", "expected"),
    [
        ("float", "'much'", "self.x is declared as float, and step 'start' leaves str"),
        (
            "list[float]",
            "[1.0, 'b']",
            "declared as list[float], and step 'start' leaves list with str at [1]",
        ),
        ("'float | None'", "'a'", "self.x is declared as float | None, and step 'start' leaves str"),
        ("float", "1", ""),
        ("'Unknown'", "1", ""),
        ("ClassVar[str]", "1", ""),
    ],
)
def test_a_step_leaves_what_is_declared_or_fails(tmp_path: Path, annotation: str, value: str, expected: str) -> None:
    found = complaint(
        tmp_path,
        f"""
        from typing import ClassVar

        class TypedFlow(FlowSpec):
            y: int
            x: {annotation}

            @step
            def start(self):
                self.x = {value}
                self.next(self.end)

            @step
            def end(self):
                pass
        """,
    )

    assert expected in found
    assert bool(found) == bool(expected)


def test_the_annotation_is_pointed_at_also_in_a_base_class_and_with_annotations_as_texts(tmp_path: Path) -> None:
    path = tmp_path / "flow.py"
    source = """
        class BaseFlow(FlowSpec):
            model: dict[str, int]

            @step
            def start(self):
                self.model = {}
                self.next(self.end)

            @step
            def end(self):
                pass

        class ZTypedFlow(BaseFlow):
            @step
            def end(self):
                self.model = []
        """
    flow = flow_class(tmp_path, source)

    outcome = run_flow(flow, RunOptions(isolation="inline", stream_output=False))

    task = Run(str(outcome.run))["end"].task
    assert task is not None
    failure = str(task.exception)
    line = next(n for n, text in enumerate(path.read_text().splitlines(), 1) if "model: dict" in text)
    assert "declared as dict[str, int], and step 'end' leaves list" in failure
    assert task.data.model == [], "what was assigned can be looked at"
    assert where_declared(flow, "model") == Location(str(path), line)


def test_what_is_only_inherited_or_read_is_not_looked_at(tmp_path: Path) -> None:
    found = complaint(
        tmp_path,
        """
        class ReadFlow(FlowSpec):
            x: "int"

            @step
            def start(self):
                self.x = 1
                self.next(self.end)

            @step
            def end(self):
                assert self.x == 1
                global int
                int = str  # from here on, the annotation says something else
        """,
    )

    assert not found


def test_what_is_gone_at_the_end_of_the_step_is_not_looked_at(tmp_path: Path) -> None:
    found = complaint(
        tmp_path,
        """
        class DeletedFlow(FlowSpec):
            x: int

            @step
            def start(self):
                self.x = "text"
                del self.x
                self.next(self.end)

            @step
            def end(self):
                pass
        """,
    )

    assert not found


WRONG = """
        class FreeFlow(FlowSpec{option}):
            x: int

            @step
            def start(self):
                self.x = "text"
                self.next(self.end)

            @step
            def end(self):
                pass
        """


def test_a_flow_can_do_without(tmp_path: Path) -> None:
    assert complaint(tmp_path, WRONG.format(option=""))
    assert not complaint(tmp_path, WRONG.format(option=", check_types=False"))


def test_the_settings_can_do_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLAGSTONE_CHECK_TYPES", "0")

    assert not complaint(tmp_path, WRONG.format(option=""))


def test_an_annotation_alone_is_no_constant(tmp_path: Path) -> None:
    flow = flow_class(tmp_path, WRONG.format(option=""))

    assert flow.__flagstone__.constants == {}
