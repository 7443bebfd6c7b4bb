"""Choices, loops, gangs, retry, catch and timeout, in a step on its own and in a flow in memory."""

import time

import pytest

from flagstone import FlowSpec, catch, current, parallel, retry, step, timeout
from flagstone.testing import Next, run_flow, run_step


class LanguageFlow(FlowSpec):
    """Every way to go on, and every way to fail."""

    @step
    def start(self) -> None:
        self.count = 0
        self.next(self.work)

    @step
    def work(self) -> None:
        self.count += 1
        self.go = "again" if self.count < 3 else "on"
        self.next({"again": self.work, "on": self.share}, condition="go")

    @step
    def share(self) -> None:
        self.next(self.train, num_parallel=3)

    @parallel
    @step
    def train(self) -> None:
        self.node = (current.parallel.node_index, current.parallel.num_nodes, self.input)
        self.next(self.join)

    @step
    def join(self, inputs: list[FlowSpec]) -> None:
        self.nodes = [task.node for task in inputs]
        self.count = inputs[0].count
        self.next(self.flaky)

    @retry(times=2)
    @step
    def flaky(self) -> None:
        if current.retry_count < 2:
            raise ConnectionError(current.retry_count)
        self.tries = current.retry_count
        self.next(self.hopeless)

    @retry(times=1)
    @catch(var="error", print_exception=False)
    @step
    def hopeless(self) -> None:
        if current.retry_count >= 0:
            raise LookupError(current.retry_count)
        self.next(self.slow)

    @catch(var="late", print_exception=False)
    @timeout(seconds=0.1)
    @step
    def slow(self) -> None:
        time.sleep(60)
        self.next(self.pick)

    @step
    def pick(self) -> None:
        if self.count == 3:
            self.next(self.end)
        else:
            self.next(self.other)

    @step
    def other(self) -> None:
        self.next(self.end)

    @step
    def end(self) -> None:
        pass


def test_a_flow_in_memory_knows_the_whole_language_and_waits_for_nothing() -> None:
    run = run_flow(LanguageFlow)
    assert run.data is not None

    assert run.data.count == 3
    assert run.data.nodes == [(0, 3, 0), (1, 3, 1), (2, 3, 2)]
    assert run.data.tries == 2
    assert str(run.data.error) == "LookupError: 1"
    assert "TimeoutException" in str(run.data.late)
    assert len(list(run["work"])) == 3
    assert len(list(run["flaky"].task.attempts)) == 3
    assert "other" not in {found.id for found in run}


@pytest.mark.parametrize(("count", "target"), [(0, "work"), (2, "share")])
def test_a_switch_shows_the_step_that_it_chose(count: int, target: str) -> None:
    assert run_step(LanguageFlow, "work", artifacts={"count": count}).next == Next((target,))


@pytest.mark.parametrize(("count", "target"), [(3, "end"), (4, "other")])
def test_an_if_shows_the_step_that_it_chose(count: int, target: str) -> None:
    assert run_step(LanguageFlow, "pick", artifacts={"count": count}).next == Next((target,))


def test_a_gang_shows_how_many_tasks_it_has() -> None:
    assert run_step(LanguageFlow, "share").next == Next(("train",), num_parallel=3)


def test_a_step_of_a_gang_is_alone_unless_a_test_says_which_node_it_is() -> None:
    assert run_step(LanguageFlow, "train").node == (0, 1, 0)
    assert run_step(LanguageFlow, "train", foreach_stack=[(2, 4, 2)]).node == (2, 4, 2)
    assert run_step(LanguageFlow, "join", inputs=[{"node": 0, "count": 1}, {"node": 1, "count": 1}]).nodes == [0, 1]


def test_one_attempt_is_made_and_its_number_is_given() -> None:
    with pytest.raises(ConnectionError):
        run_step(LanguageFlow, "flaky", decorators=True)

    assert run_step(LanguageFlow, "flaky", attempt=2).tries == 2


def test_the_last_attempt_of_a_step_with_catch_goes_on() -> None:
    with pytest.raises(LookupError):
        run_step(LanguageFlow, "hopeless", decorators=True)

    left = run_step(LanguageFlow, "hopeless", decorators=True, attempt=1)
    assert left.error.type == "builtins.LookupError"
    assert left.next == Next(("slow",))


def test_a_time_limit_holds_where_decorators_do() -> None:
    left = run_step(LanguageFlow, "slow", decorators=True)

    assert "TimeoutException" in left.late.type
