"""The board: drawn in place on a terminal, with the output of tasks above it, and gone before the final words."""

import io
import re
import time

import pytest

from flagstone.engine.observers.live import MOST_LINES, LiveConsole, board
from flagstone.engine.observers.tally import Tally
from flagstone.model.states import State
from tests.unit.engine.observers.recorded import (
    FAILURE,
    T0,
    ended,
    expected,
    output,
    run_ended,
    run_started,
    small_run,
    started,
)

_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Terminal(io.StringIO):
    """Text that says it is a terminal."""

    def isatty(self) -> bool:
        return True


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.at = T0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.delenv("NO_COLOR", raising=False)
    return Terminal()


def drawn(tally: Tally, now: float, width: int = 120) -> str:
    from rich.console import Console

    stream = io.StringIO()
    Console(file=stream, width=width).print(board(tally, now))
    return stream.getvalue()


def test_a_short_run_is_told_in_lines_and_loads_nothing(terminal: Terminal) -> None:
    errors = io.StringIO()
    clock = Clock()
    live = LiveConsole(terminal, errors, now=clock)

    for event in small_run():
        live.on(event)
        clock.at += 0.01
        live.tick()
    live.close()

    assert "[EachFlow/3/work/2] task started" in terminal.getvalue()
    assert "\x1b" not in terminal.getvalue()


def test_a_longer_run_gets_a_board_below_the_output_of_its_tasks(terminal: Terminal) -> None:
    errors = io.StringIO()
    clock = Clock()
    live = LiveConsole(terminal, errors, again="python flow.py resume", now=clock)

    for event in (run_started(), expected("work", 10), started("work", 1), started("work", 2)):
        live.on(event)
    clock.at += 1.0
    live.tick()
    live.on(output("work", 1, b"a line of the task\n"))
    live.on(ended("work", 2, State.FAILED, failure=FAILURE))
    clock.at += 1.0
    live.tick()
    live.on(run_ended(State.FAILED, after=2.0))
    live.close()

    text = _ESCAPES.sub("", terminal.getvalue())
    assert "[EachFlow/3/work/1] a line of the task" in text
    assert "1/10" in text
    assert "1 running, 8 waiting, 1 failed" in text
    assert "ValueError: item five is bad" in errors.getvalue()
    assert terminal.getvalue().rstrip().endswith("\x1b[?25h"), "the cursor is shown again"


def test_beside_the_board_no_line_repeats_what_it_shows(terminal: Terminal) -> None:
    clock = Clock()
    live = LiveConsole(terminal, io.StringIO(), now=clock)
    for event in (run_started(), expected("work", 100), started("work", 1)):
        live.on(event)
    clock.at += 10.0
    live.tick()
    live.on(ended("work", 1))
    clock.at += 10.0
    live.tick()
    live.close()

    text = _ESCAPES.sub("", terminal.getvalue())
    assert "1/100" in text
    assert "1 of 100 done" not in text


def test_the_board_is_redrawn_ten_times_a_second_at_most(terminal: Terminal) -> None:
    clock = Clock()
    live = LiveConsole(terminal, io.StringIO(), now=clock)
    for event in (run_started(), expected("work", 10), started("work", 1)):
        live.on(event)
    clock.at += 1.0
    live.tick()
    before = len(terminal.getvalue())

    for _ in range(9):
        clock.at += 0.01
        live.tick()

    assert len(terminal.getvalue()) == before
    live.close()


def test_of_a_flood_only_the_last_lines_are_drawn(terminal: Terminal) -> None:
    clock = Clock()
    live = LiveConsole(terminal, io.StringIO(), now=clock)
    live.on(run_started())
    clock.at += 1.0
    live.tick()

    live.on(output("work", 1, b"".join(b"line %d\n" % number for number in range(100_000))))
    clock.at += 1.0
    began = time.perf_counter()
    live.tick()
    seconds = time.perf_counter() - began
    live.close()

    text = _ESCAPES.sub("", terminal.getvalue())
    assert f"… {100_000 - MOST_LINES:,} lines not shown here" in text
    assert "line 99999" in text
    assert "line 5\n" not in text
    assert seconds < 0.5


def test_the_board_says_how_fast_it_goes_and_how_long_it_takes() -> None:
    tally = Tally()
    tally.on(run_started())
    tally.on(expected("work", 100))
    for number in range(1, 31):
        tally.on(started("work", number))
    for number in range(1, 21):
        tally.on(ended("work", number))

    text = drawn(tally, T0 + 2.0)

    assert text.splitlines()[0].startswith("EachFlow/3  2.0 s")
    assert "20/100" in text
    assert "10 running, 70 waiting" in text
    assert "10/s, 8.0 s left" in text
    assert "… 5 more running" in text


def test_when_the_run_is_over_nothing_waits_and_nothing_is_left() -> None:
    tally = Tally()
    for event in (run_started(), expected("work", 200), started("work", 1), ended("work", 1), started("work", 2)):
        tally.on(event)
    assert "left" in drawn(tally, T0 + 2)

    tally.on(ended("work", 2, State.CANCELLED))
    tally.on(run_ended(State.CANCELLED, after=2.0))

    last = drawn(tally, T0 + 2)
    assert "198 not run, 1 cancelled" in last
    assert "waiting" not in last
    assert "left" not in last


def test_in_a_narrow_window_every_step_keeps_to_its_line() -> None:
    tally = Tally()
    for event in (run_started(), expected("work", 60), started("work", 1), ended("work", 1), started("work", 2)):
        tally.on(event)
    tally.on(ended("work", 2, State.FAILED, failure=FAILURE))

    lines = drawn(tally, T0 + 2, width=60).splitlines()

    assert any(line.startswith("work") and "58 waiting, 1 failed" in line and "left" in line for line in lines)
    assert all(len(line.rstrip()) <= 60 for line in lines)
