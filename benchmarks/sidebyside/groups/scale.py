"""Wide foreach steps of Flagstone alone: whether time grows in step with the width, and what the engine needs."""

import json
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from sidebyside.bench import Bench
from sidebyside.reading import Reading
from sidebyside.rows import Demand, Row
from sidebyside.systems import HERE, System

MEGABYTE = 1_000_000
WIDTHS = {"worker": (1_000, 10_000, 100_000), "fork": (1_000, 10_000)}
LIMIT = 300 * MEGABYTE


class Growth(Struct, frozen=True):
    """Readings of the same flow in several widths."""

    isolation: str
    widths: tuple[int, ...]
    readings: tuple[tuple[Reading, ...], ...]  # for each width, its repetitions

    def further_task(self, turn: int, low: int, high: int) -> float:
        """Seconds for each task by which the width numbered `high` is more than the one numbered `low`."""
        longer = self.readings[high][turn].wall - self.readings[low][turn].wall
        return longer / (self.widths[high] - self.widths[low])


def rows(bench: Bench) -> Iterator[Row]:
    """Time and memory by width, then the scheduler alone."""
    for isolation, widths in WIDTHS.items():
        growth = _grow(bench, isolation, widths)
        yield from _by_width(growth)
        if len(widths) == 3:
            yield _linear(growth)
    yield from _simulation(bench)


def _grow(bench: Bench, isolation: str, widths: tuple[int, ...]) -> Growth:
    flow = bench.ours.flow("fan")
    readings = tuple(tuple(_run(bench.ours, flow, isolation, width) for _ in range(bench.times(3))) for width in widths)
    return Growth(isolation, widths, readings)


def _run(system: System, flow: Path, isolation: str, width: int) -> Reading:
    system.fresh()
    return system.run(flow, "--width", str(width), "--isolation", isolation, watch=True)


def _by_width(growth: Growth) -> Iterator[Row]:
    for width, readings in zip(growth.widths, growth.readings, strict=True):
        label = f"{width:,}-way foreach, `--isolation {growth.isolation}`"
        name = f"{growth.isolation}_{width}"
        yield Row(name=f"{name}_time", measure=f"{label}: whole run", unit="s", ours=tuple(r.wall for r in readings))
        yield Row(
            name=f"{name}_memory",
            measure=f"{label}: peak memory of the engine",
            unit="bytes",
            ours=tuple(float(r.own) for r in readings),
            demand=Demand("under 300 MB", at_most=LIMIT) if width == 100_000 else None,
        )


def _linear(growth: Growth) -> Row:
    turns = range(len(growth.readings[0]))
    return Row(
        name="linear",
        measure="time of each further task from 10,000 to 100,000, against that from 1,000 to 10,000",
        unit="times",
        ours=tuple(growth.further_task(turn, 1, 2) / growth.further_task(turn, 0, 1) for turn in turns),
        demand=Demand("linear (1.25 x at most)", at_most=1.25),
    )


def _simulation(bench: Bench) -> Iterator[Row]:
    program = str(HERE / "simulate_scheduler.py")
    found = [json.loads(bench.ours.python_with(program).output) for _ in range(bench.times(3))]
    yield Row(
        name="simulation",
        measure="the scheduler alone, a foreach of a million tasks",
        unit="events/s",
        ours=tuple(float(one["events_per_second"]) for one in found),
        more_is_better=True,
    )
    yield Row(
        name="simulation_memory",
        measure="peak memory of that process, interpreter included",
        unit="bytes",
        ours=tuple(float(one["peak_bytes"]) for one in found),
    )
