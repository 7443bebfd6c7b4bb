"""However a step ends badly, its run says why, keeps what was whole, and leaves nothing half-written."""

import pytest

from tests.acceptance.household import Household

STEP = """
import os, pathlib, signal, sys

class Odd(Exception):
    def __str__(self):
        raise RuntimeError("no text")

class Unsendable(Exception):
    def __init__(self, a, b):
        super().__init__(a)
        self.held = (lambda: None, sys.stdout)

class StepFlow(FlowSpec):
    @step
    def start(self):
        self.before = "kept"
        {body}
        self.next(self.{target})

    @step
    def end(self):
        pass
"""


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("os._exit(3)", ["exit status 3"]),
        ("os._exit(0)", ["exit"]),
        ("os.kill(os.getpid(), signal.SIGSEGV)", ["SIGSEGV"]),
        ("os.kill(os.getpid(), signal.SIGKILL)", ["SIGKILL"]),
        ("import ctypes; ctypes.string_at(0)", ["SIGSEGV"]),
        ("sys.exit(4)", ["SystemExit", "4"]),
        ("raise KeyboardInterrupt", ["KeyboardInterrupt"]),
        ("if self.before: return", ["self.next", "flow.py:"]),
        ("raise Odd('x')", ["Odd"]),
        ("raise Unsendable(1, 2)", ["Unsendable", "raise Unsendable(1, 2)"]),
        ("raise ValueError('\\ud800 \\x1b[31m \\x00')", ["ValueError"]),
        ("raise ExceptionGroup('both', [ValueError('one'), KeyError('two')])", ["both", "one", "two"]),
        ("def down(n): return down(n + 1)\n        down(0)", ["RecursionError"]),
        ("self.deep = []\n        for _ in range(100_000): self.deep = [self.deep]", ["self.deep"]),
        ("self.me = self", ["self.me", "flow cannot be stored"]),
        ("self.text = type('T', (), {'__repr__': lambda s: '\\ud800'})(); raise ValueError(1)", ["ValueError: 1"]),
        ("import socket; self.link = {'deep': socket.socket()}", ["self.link", "['deep']", "socket"]),
        ("self.missing_thing", ["missing_thing", "flow.py:"]),
    ],
)
def test_a_step_that_ends_badly_fails_with_its_reason(house: Household, body: str, says: list[str]) -> None:
    house.write(STEP.format(body=body, target="end"))

    done = house.run("flow.py", "run", status=1)

    run = house.latest("StepFlow")
    assert all(word in done.err for word in says), done.err
    assert run["start"].task.pathspec in done.err
    assert run.status == "failed"
    assert run["start"].task.status in ("failed", "lost")
    assert "end" not in run
    house.assert_whole()


def test_the_elements_of_a_foreach_that_cannot_be_stored_are_named(house: Household) -> None:
    house.write("""
        import threading

        class ItemFlow(FlowSpec):
            @step
            def start(self):
                self.items = [1, threading.Lock()]
                self.next(self.work, foreach="items")

            @step
            def work(self):
                self.next(self.join)

            @step
            def join(self, inputs):
                self.next(self.end)

            @step
            def end(self):
                pass
    """)

    done = house.run("flow.py", "run", status=1)

    assert "items" in done.err
    assert "lock" in done.err
    house.assert_whole()


def test_an_input_of_a_join_is_not_an_artifact(house: Household) -> None:
    house.write("""
        class InputFlow(FlowSpec):
            @step
            def start(self):
                self.items = [1]
                self.next(self.work, foreach="items")

            @step
            def work(self):
                self.next(self.join)

            @step
            def join(self, inputs):
                self.kept = {"deep": [inputs[0]]}
                self.next(self.end)

            @step
            def end(self):
                pass
    """)

    done = house.run("flow.py", "run", status=1)

    assert "self.kept cannot be persisted" in done.err
    assert "input" in done.err
    house.assert_whole()


def test_too_large_a_foreach_is_refused_with_the_option_that_allows_it(house: Household) -> None:
    house.write("""
        class WideFlow(FlowSpec):
            @step
            def start(self):
                self.items = list(range(30))
                self.next(self.work, foreach="items")

            @step
            def work(self):
                self.next(self.join)

            @step
            def join(self, inputs):
                self.count = len(inputs)
                self.next(self.end)

            @step
            def end(self):
                pass
    """)

    refused = house.run("flow.py", "run", "--max-num-splits", 20, status=1)
    house.run("flow.py", "resume", "--max-num-splits", 30)

    assert "--max-num-splits 30" in refused.err
    assert house.value("WideFlow", "count") == 30
    house.assert_whole()
