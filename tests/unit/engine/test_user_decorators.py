"""The user's own step decorators: what runs in which order, and who decides how the flow goes on."""

import json
from pathlib import Path
from typing import Any

import pytest

from flagstone.app.options import RunOptions
from flagstone.app.running import run_flow
from flagstone.client import Run
from flagstone.model.states import State
from tests.flows import flow_class

IMPORTS = """
from flagstone import USER_SKIP_STEP, UserStepDecorator, user_step_decorator

class Told(UserStepDecorator):
    def init(self, name):
        self.name = name

    def pre_step(self, step_name, flow, inputs=None):
        flow.told = [*getattr(flow, "told", []), f"before {self.name}"]

    def post_step(self, step_name, flow, exception=None):
        flow.told = [*flow.told, f"after {self.name}: {exception}"]
        return exception

"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLAGSTONE_HOME", str(tmp_path / "home"))


def left_by(tmp_path: Path, source: str, expected: State = State.SUCCEEDED) -> Run:
    outcome = run_flow(flow_class(tmp_path, IMPORTS + source), RunOptions(isolation="inline", stream_output=False))
    assert outcome.state is expected
    return Run(str(outcome.run))


def data(run: Run, step: str) -> Any:
    task = run[step].task
    assert task is not None
    return task.data


def test_the_outermost_begins_first_and_ends_last_and_what_it_assigns_is_kept(tmp_path: Path) -> None:
    run = left_by(
        tmp_path,
        """
class OrderFlow(FlowSpec):
    @Told("outer")
    @Told("inner")
    @step
    def start(self):
        self.told = [*self.told, "step"]
        self.next(self.end)

    @step
    def end(self):
        pass
""",
    )

    assert data(run, "start").told == ["before outer", "before inner", "step", "after inner: None", "after outer: None"]


def test_what_the_step_raises_is_raised_at_the_yield_and_may_be_swallowed_there(tmp_path: Path) -> None:
    run = left_by(
        tmp_path,
        """
@user_step_decorator
def forgiving(step_name, flow, inputs):
    try:
        yield
    except ZeroDivisionError as error:
        flow.forgiven = f"{step_name}: {error}"

class ForgivingFlow(FlowSpec):
    @Told("outer")
    @forgiving
    @step
    def start(self):
        self.before = 1
        1 / 0
        self.next(self.end)

    @step
    def end(self):
        pass
""",
    )

    left = data(run, "start")
    assert left.forgiven == "start: division by zero"
    assert left.before == 1
    assert left.told[-1] == "after outer: None"


def test_an_error_that_nobody_swallows_fails_the_task_as_it_is(tmp_path: Path) -> None:
    run = left_by(
        tmp_path,
        """
class FailingFlow(FlowSpec):
    @Told("outer")
    @step
    def start(self):
        raise KeyError("gone")
        self.next(self.end)

    @step
    def end(self):
        pass
""",
        State.FAILED,
    )

    task = run["start"].task
    assert task is not None
    assert task.data.told[-1] == "after outer: 'gone'"
    assert "KeyError" in str(task.exception)


@pytest.mark.parametrize(
    ("hook", "last"),
    [
        ("return None", "swallowed"),
        ("return RuntimeError('instead')", "RuntimeError"),
        ("return RuntimeError('instead'), {}", "RuntimeError"),
        ("return None, {'foreach': 'items'}", "swallowed"),
        ("raise RuntimeError('instead')", "RuntimeError"),
    ],
)
def test_post_step_says_what_is_raised_and_how_the_flow_goes_on(tmp_path: Path, hook: str, last: str) -> None:
    run = left_by(
        tmp_path,
        f"""
class After(UserStepDecorator):
    def post_step(self, step_name, flow, exception=None):
        flow.items = [1, 2]
        {hook}

class AfterFlow(FlowSpec):
    @After
    @step
    def start(self):
        raise ValueError("first")
        self.next(self.each, foreach="items")

    @step
    def each(self):
        self.next(self.join)

    @step
    def join(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass
""",
        State.SUCCEEDED if last == "swallowed" else State.FAILED,
    )

    if last == "swallowed":
        assert len(list(run["each"])) == 2
    else:
        task = run["start"].task
        assert task is not None
        assert last in str(task.exception)


@pytest.mark.parametrize(
    "body",
    ["yield USER_SKIP_STEP", "yield {}", "yield {'foreach': 'items'}"],
)
def test_a_step_that_is_skipped_goes_on_as_it_would(tmp_path: Path, body: str) -> None:
    run = left_by(
        tmp_path,
        f"""
@user_step_decorator
def skipping(step_name, flow, inputs):
    flow.items = ["a", "b", "c"]
    {body}
    flow.after = True

class SkipFlow(FlowSpec):
    @Told("outer")
    @skipping
    @Told("inner")
    @step
    def start(self):
        self.items = []
        self.next(self.each, foreach="items")

    @step
    def each(self):
        self.next(self.join)

    @step
    def join(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass
""",
    )

    left = data(run, "start")
    assert left.told == ["before outer", "after outer: None"], "what is inside is skipped too"
    assert left.after
    assert len(list(run["each"])) == 3


@pytest.mark.parametrize("skip", ["True", "{}"])
def test_a_class_skips_its_step_by_an_attribute(tmp_path: Path, skip: str) -> None:
    run = left_by(
        tmp_path,
        f"""
class Cached(UserStepDecorator):
    def pre_step(self, step_name, flow, inputs=None):
        flow.model = "cached"
        self.skip_step = {skip}

class Always(UserStepDecorator):
    skip_step = {skip}

class CachedFlow(FlowSpec):
    @Cached
    @step
    def start(self):
        self.model = "new"
        self.next(self.a, self.b)

    @Always
    @step
    def a(self):
        1 / 0
        self.next(self.join)

    @step
    def b(self):
        self.next(self.join)

    @step
    def join(self, inputs):
        self.merge_artifacts(inputs)
        self.next(self.end)

    @step
    def end(self):
        pass
""",
    )

    assert run.data is not None
    assert run.data.model == "cached"


@pytest.mark.parametrize("answer", ["", "return True", "return {}", "flow.next(flow.end)"])
def test_what_is_yielded_and_can_be_called_runs_instead_of_the_step(tmp_path: Path, answer: str) -> None:
    run = left_by(
        tmp_path,
        f"""
@user_step_decorator
def replaced(step_name, flow, inputs):
    def other(flow, inputs):
        flow.by = "other"
        {answer}
    yield other

class InsteadFlow(FlowSpec):
    @replaced
    @Told("inner")
    @step
    def start(self):
        self.by = "step"
        self.next(self.end)

    @step
    def end(self):
        pass
""",
    )

    left = data(run, "start")
    assert left.by == "other"
    assert left.told == ["before inner", "after inner: None"]


def test_a_decorator_of_a_join_sees_the_inputs(tmp_path: Path) -> None:
    run = left_by(
        tmp_path,
        """
@user_step_decorator
def counted(step_name, flow, inputs):
    flow.count = None if inputs is None else len(inputs)
    yield

class JoinFlow(FlowSpec):
    @counted
    @step
    def start(self):
        self.next(self.a, self.b)

    @step
    def a(self):
        self.next(self.join)

    @step
    def b(self):
        self.next(self.join)

    @counted
    @step
    def join(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass
""",
    )

    assert data(run, "start").count is None
    assert data(run, "join").count == 2


def test_attributes_reach_a_generator_that_asks_for_them(tmp_path: Path) -> None:
    run = left_by(
        tmp_path,
        """
@user_step_decorator
def labelled(step_name, flow, inputs, attributes):
    flow.label = attributes
    yield

class LabelFlow(FlowSpec):
    @labelled(colour="red", size=3)
    @step
    def start(self):
        self.next(self.end)

    @labelled
    @step
    def end(self):
        pass
""",
    )

    assert json.dumps(data(run, "start").label) == '{"colour": "red", "size": 3}'
    assert data(run, "end").label == {}


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("yield\n    yield", "yields a second time"),
        ("yield 5", "yields 5"),
        ("yield {'dst': 'end'}", "goes on with dst"),
        ("raise LookupError('early')\n    yield", "early"),
    ],
)
def test_a_decorator_that_does_something_else_fails_the_task(tmp_path: Path, body: str, problem: str) -> None:
    run = left_by(
        tmp_path,
        f"""
@user_step_decorator
def odd(step_name, flow, inputs):
    {body}

class OddFlow(FlowSpec):
    @odd
    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        pass
""",
        State.FAILED,
    )

    task = run["start"].task
    assert task is not None
    assert problem in str(task.exception)


def test_a_generator_may_end_before_its_yield_and_the_step_runs(tmp_path: Path) -> None:
    run = left_by(
        tmp_path,
        """
@user_step_decorator
def brief(step_name, flow, inputs):
    flow.brief = True
    if step_name == "nowhere":
        yield

class BriefFlow(FlowSpec):
    @brief
    @step
    def start(self):
        self.ran = True
        self.next(self.end)

    @step
    def end(self):
        pass
""",
    )

    assert data(run, "start").ran
    assert data(run, "start").brief


SWITCH = """
class SwitchFlow(FlowSpec):
    @changing
    @step
    def start(self):
        self.way = "a"
        FAILS
        self.next({"a": self.a, "b": self.b}, condition="way")

    @step
    def a(self):
        self.next(self.end)

    @step
    def b(self):
        self.next(self.end)

    @step
    def end(self):
        pass
"""

IF = SWITCH.replace('self.next({"a": self.a, "b": self.b}, condition="way")', "").replace(
    "FAILS",
    """FAILS
        if self.way == "a":
            self.next(self.a)
        else:
            self.next(self.b)""",
)


def changing(body: str) -> str:
    lines = "\n    ".join(body.split("\n"))
    return f"@user_step_decorator\ndef changing(step_name, flow, inputs):\n    {lines}\n"


@pytest.mark.parametrize(
    "body",
    [
        "flow.way = 'b'\nyield USER_SKIP_STEP",
        "flow.way = 'b'\nyield {'condition': 'way'}",
        "yield lambda flow, inputs: setattr(flow, 'way', 'b')",
        "try:\n    yield\nexcept ZeroDivisionError:\n    flow.way = 'b'",
    ],
)
def test_a_switch_that_is_skipped_replaced_or_rescued_chooses_by_what_its_decorator_assigned(
    tmp_path: Path, body: str
) -> None:
    run = left_by(tmp_path, changing(body) + SWITCH.replace("FAILS", "1 / 0"))

    assert {step.id for step in run} == {"start", "b", "end"}


@pytest.mark.parametrize(
    "body",
    [
        "flow.next(flow.b)\nyield {}",
        "yield lambda flow, inputs: flow.next(flow.b)",
        "try:\n    yield\nexcept ZeroDivisionError:\n    flow.next(flow.b)",
    ],
)
def test_where_an_if_chooses_a_decorator_says_where_it_goes(tmp_path: Path, body: str) -> None:
    run = left_by(tmp_path, changing(body) + IF.replace("FAILS", "1 / 0"))

    assert {step.id for step in run} == {"start", "b", "end"}


@pytest.mark.parametrize(
    ("source", "body", "problem"),
    [
        (IF, "yield {}", "an `if` in it chooses where it goes on"),
        (IF, "yield {'condition': 'way'}", "does not have that"),
        (SWITCH, "yield {}", "self.way, which was never assigned"),
        (SWITCH, "yield {'condition': 'other'}", "has condition='way' instead of it"),
        (SWITCH, "yield {'foreach': 'items'}", "does not have that"),
    ],
)
def test_a_choice_that_nobody_made_is_an_error_that_names_the_step(
    tmp_path: Path, source: str, body: str, problem: str
) -> None:
    run = left_by(tmp_path, changing(body) + source.replace("FAILS", "pass"), State.FAILED)

    failure = run["start"].task.exception
    assert failure is not None
    assert problem in failure.exception
    assert "flow.py" in failure.stacktrace


def test_an_if_that_is_not_skipped_chooses_as_ever(tmp_path: Path) -> None:
    run = left_by(tmp_path, changing("yield") + IF.replace("FAILS", "pass"))

    assert {step.id for step in run} == {"start", "a", "end"}


GANG = """
class GangFlow(FlowSpec):
    @skipping
    @step
    def start(self):
        self.next(self.train, num_parallel=SIZE)

    @PARALLEL
    @parallel
    @step
    def train(self):
        self.by = "step"
        self.next(self.join)

    @step
    def join(self, inputs):
        self.by = [i.by for i in inputs]
        self.next(self.end)

    @step
    def end(self):
        pass

"""

SKIPPING = """
@user_step_decorator
def skipping(step_name, flow, inputs):
    yield ANSWER

@user_step_decorator
def replaced(step_name, flow, inputs):
    yield lambda flow, inputs: setattr(flow, "by", "other")

"""


@pytest.mark.parametrize(
    ("size", "answer", "count"),
    [("3", "{}", 3), ("3", "{'num_parallel': 2}", 2), ("2 + len('a')", "{'num_parallel': 2}", 2)],
)
def test_a_gang_whose_step_was_skipped_is_as_large_as_the_decorator_or_the_source_says(
    tmp_path: Path, size: str, answer: str, count: int
) -> None:
    source = SKIPPING.replace("ANSWER", answer) + GANG.replace("SIZE", size).replace("PARALLEL", "replaced")

    run = left_by(tmp_path, source)

    assert data(run, "end").by == ["other"] * count


def test_a_gang_of_a_size_that_nobody_computed_is_an_error(tmp_path: Path) -> None:
    source = SKIPPING.replace("ANSWER", "{}") + GANG.replace("SIZE", "1 + 1").replace("PARALLEL", "replaced")

    run = left_by(tmp_path, source, State.FAILED)

    assert "how many tasks its gang has is computed in it" in str(run["start"].task.exception)


def test_decorators_run_at_each_attempt_and_catch_sees_only_what_they_let_through(tmp_path: Path) -> None:
    run = left_by(
        tmp_path,
        """
from flagstone import catch, retry

@user_step_decorator
def picky(step_name, flow, inputs):
    flow.began = True
    try:
        yield
    except KeyError:
        flow.forgiven = True

class PickyFlow(FlowSpec):
    @retry(times=2, minutes_between_retries=0)
    @catch(var="error")
    @Told("each")
    @picky
    @step
    def start(self):
        raise ValueError("always")
        self.next(self.middle)

    @retry(times=2, minutes_between_retries=0)
    @catch(var="missing")
    @picky
    @step
    def middle(self):
        raise KeyError("gone")
        self.next(self.end)

    @step
    def end(self):
        pass
""",
    )

    start, middle = run["start"].task, run["middle"].task
    assert start.data.error.type == "builtins.ValueError"
    assert start.data.told == ["before each", "after each: always"]
    assert len(list(start.attempts)) == 3
    assert middle.data.missing is None
    assert middle.data.forgiven
    assert len(list(middle.attempts)) == 1
