"""The benchmark's door: what can be checked of it without measuring."""

import os
import subprocess
import sys
from pathlib import Path

import msgspec

BENCHMARKS = Path(__file__).parents[3] / "benchmarks"

ROWS: list[dict[str, object]] = [
    {
        "name": "fast",
        "measure": "fast enough",
        "unit": "s",
        "ours": [0.1, 0.2, 0.3, 0.1, 0.2],
        "theirs": [2.0, 2.0, 2.0, 2.0, 2.0],
        "demand": {"text": "6 x faster", "times": 6},
    },
    {
        "name": "slow",
        "measure": "too slow",
        "unit": "tasks/s",
        "more_is_better": True,
        "ours": [300.0],
        "theirs": [4.0],
        "demand": {"text": "100 x", "times": 100},
    },
    {"name": "plain", "measure": "nothing demanded", "unit": "bytes", "ours": [1048576.0, 3145728.0]},
    {
        "name": "borrowed",
        "measure": "too much of it, whatever the other does",
        "unit": "files",
        "ours": [4000.0] * 5,
        "theirs": [80000.0] * 5,
        "borrowed": True,
        "demand": {"text": "15 x fewer, 3,000 at most", "times": 15, "at_most": 3000},
    },
]


def shown(rows: list[dict[str, object]]) -> list[str]:
    """The lines of the table for these rows."""
    program = (
        "import sys, msgspec; from sidebyside import rows, table; "
        "print(table.table(msgspec.json.decode(sys.stdin.buffer.read(), type=rows.Report)))"
    )
    report = msgspec.json.encode({"machine": {"machine": "2 cores"}, "rows": rows})
    env = {**os.environ, "PYTHONPATH": str(BENCHMARKS)}
    done = subprocess.run([sys.executable, "-c", program], input=report, env=env, capture_output=True, check=True)
    return done.stdout.decode().splitlines()


def test_the_table_shows_medians_ratios_and_what_holds() -> None:
    lines = shown(ROWS)

    assert lines[0] == "- machine: 2 cores"
    assert "| fast enough | 200 ms | 2.00 s | 10.0 x | 6 x faster | yes |" in lines
    assert "| too slow | 300 tasks/s (1 run) | 4 tasks/s (1 run) | 75.0 x | 100 x | **NO** |" in lines
    assert "| nothing demanded | 2.0 MiB (2 runs) |  |  |  |  |" in lines


def test_numbers_of_another_run_are_marked_and_a_bound_counts_beside_the_ratio() -> None:
    lines = shown(ROWS)

    (borrowed,) = (line for line in lines if "too much of it" in line)
    assert "80,000 files †" in borrowed
    assert borrowed.endswith("| 20.0 x | 15 x fewer, 3,000 at most | **NO** |")
    assert lines[-1].startswith("† measured in an earlier run")


def test_the_door_says_what_it_can_measure() -> None:
    done = subprocess.run([sys.executable, BENCHMARKS / "run.py", "--help"], capture_output=True, text=True, check=True)

    for word in ("startup", "fanout", "values", "scale", "--quick", "--ours"):
        assert word in done.stdout


def test_the_scheduler_simulation_ends_well() -> None:
    done = subprocess.run(
        [sys.executable, BENCHMARKS / "simulate_scheduler.py", "5000"], capture_output=True, text=True, check=True
    )

    found = msgspec.json.decode(done.stdout)
    assert found["state"] == "succeeded"
    assert found["events"] == 2 * (5000 + 3)
