"""Whatever dies, whenever the power goes: nothing that succeeded is lost, and a resume ends as a quiet run does."""

import os
import subprocess
import sys
from pathlib import Path
from typing import TypeVar

import msgspec

from flagstone.testing.faults import Action
from tests.reliability.crash_matrix import Result, points
from tests.reliability.power_cut import Blackouts

ROOT = Path(__file__).parents[2]
NIGHTLY = bool(os.environ.get("FLAGSTONE_NIGHTLY"))
POINTS = 0 if NIGHTLY else 60  # 0: every one
EVERY = 1 if NIGHTLY else 16  # moments

T = TypeVar("T")


def played(kind: type[T], module: str, *words: object) -> T:
    """What a program of this folder found: it forks, so it has a process of its own."""
    command = [sys.executable, "-m", f"tests.reliability.{module}", *map(str, words)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout, done.stderr
    return msgspec.json.decode(done.stdout, type=kind)


def test_whoever_dies_at_whichever_action_a_resume_ends_as_if_nothing_had_happened() -> None:
    result = played(Result, "crash_matrix", "--points", POINTS, "--json")

    assert result.differences == []
    assert len(result.outcomes) >= (POINTS or 500)
    assert sum(one.struck for one in result.outcomes) > 0.8 * len(result.outcomes), "the faults do not strike"
    assert {one.state for one in result.outcomes} >= {"lost", "failed", "succeeded"}
    assert {one.point.fault.victim for one in result.outcomes} == {"self", "engine", "zygote", "task", "all"}


def test_each_action_of_a_run_is_a_point_for_everyone_who_lives_then() -> None:
    born = Action(1, "engine", 10, "fork", ""), Action(2, "task", 11, "born", ""), Action(3, "task", 11, "write", "x")

    found = {(point.action.number, point.fault.do, point.fault.victim, point.fault.when) for point in points(born)}

    assert {(1, "kill", "engine", "before"), (1, "kill", "all", "before"), (1, "kill", "self", "after")} <= found
    assert (1, "kill", "task", "before") not in found
    assert {(3, "kill", "zygote", "before"), (3, "kill", "task", "before"), (3, "tear", "self", "before")} <= found


def test_when_the_power_goes_nothing_that_succeeded_is_lost_and_a_resume_goes_on() -> None:
    result = played(Blackouts, "power_cut", "--every", EVERY)

    assert result.differences == ()
    assert result.moments > 50
    assert result.resumed > result.tried // 2
    assert any("artifacts" in problem for problem in result.unflushed), (
        "a program that never flushes would pass as well"
    )
