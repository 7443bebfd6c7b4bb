"""What it costs to run a flow from Python instead of from the command line."""

from collections.abc import Iterator

from sidebyside.bench import Bench
from sidebyside.rows import Demand, Row
from sidebyside.systems import System


def rows(bench: Bench) -> Iterator[Row]:
    """What `Runner` adds to the command line's own time."""
    ours, theirs = bench.both(_added)
    yield Row(
        name="runner",
        measure="`Runner(...).run()` of hello world, to its Run: what it adds to the command's own time",
        unit="s",
        ours=ours,
        theirs=theirs,
        demand=Demand("under 100 ms", at_most=0.100),
    )


def _added(system: System) -> float:
    system.fresh()
    times = system.probe("runner_times", str(system.flow("hello")))
    return max(float(times["runner"]) - float(times["command"]), 0.0)
