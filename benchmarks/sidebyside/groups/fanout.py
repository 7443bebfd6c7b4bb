"""A foreach of a thousand small tasks: how fast, how many files, how it is read back, how it is resumed."""

import json
from collections.abc import Iterator
from functools import partial

from msgspec import Struct

from sidebyside.bench import Bench
from sidebyside.rows import Demand, Row
from sidebyside.systems import HERE, System

WIDTH = 1000
ONCE = "Metaflow once, for it takes minutes"


class Fan(Struct, frozen=True):
    """A foreach of one task and one of `WIDTH` tasks, in seconds of the whole process from the command line."""

    narrow: float
    wide: float

    @property
    def rate(self) -> float:
        """Tasks a second, the start of the process taken off."""
        return (WIDTH - 1) / (self.wide - self.narrow)


def rows(bench: Bench) -> Iterator[Row]:
    """Everything about the thousand."""
    theirs = () if bench.theirs is None else (_fan(bench.theirs, "fan"),)
    ours = _fans(bench, "fan")
    label = f"{WIDTH:,}-way foreach, standard library only, one forked process a task"
    yield _rate_row("fan", label, ours, theirs, Demand("100 x", times=100))
    yield _whole_row("fan_whole", ours, theirs)
    files = [(float(system.files()),) if system is not None else () for system in (bench.ours, bench.theirs)]
    yield Row(
        name="files",
        measure=f"files written by the {WIDTH:,}-way foreach",
        unit="files",
        ours=files[0],
        theirs=files[1],
        demand=Demand(f"15 x fewer, {3 * WIDTH:,} at most", times=15, at_most=3.0 * WIDTH),
    )
    reading = bench.both(_read_all)
    yield Row(
        name="client",
        measure=f"client: list {WIDTH:,} tasks and read one small artifact of each",
        unit="s",
        ours=reading[0],
        theirs=reading[1],
        demand=Demand("5 x faster", times=5),
    )
    workers = _fans(bench, "fan", "--isolation", "worker")
    label = f"{WIDTH:,}-way foreach, standard library only, `--isolation worker`, against the same of Metaflow"
    yield _rate_row("workers", label, workers, theirs, Demand("1,000 x", times=1000))
    yield _whole_row("workers_whole", workers, theirs)
    yield from _numeric(bench)
    yield _resume(bench)


def _numeric(bench: Bench) -> Iterator[Row]:
    """With numpy and pandas: against Metaflow, and against what the machine itself can do."""
    ours = _fans(bench, "numeric_fan")
    theirs = () if bench.theirs is None else (_fan(bench.theirs, "numeric_fan"),)
    label = f"{WIDTH:,}-way foreach of a flow that imports numpy and pandas, one forked process a task"
    yield _rate_row("numeric_fan", label, ours, theirs, Demand("35 x", times=35))
    yield _whole_row("numeric_fan_whole", ours, theirs)
    rates = sorted(fan.rate for fan in ours)
    for flight, text in ((1, "one after the other"), (2, "two at a time")):
        limits = bench.repeat(partial(_limit, bench.ours, flight))
        yield Row(
            name=f"limit_{flight}",
            measure=f"the machine's own limit: fork and exit of such a process and one durable commit, {text}",
            unit="tasks/s",
            ours=limits,
            more_is_better=True,
        )
        yield Row(
            name=f"numeric_fan_to_limit_{flight}",
            measure=f"time of a task there, as a multiple of that limit ({text})",
            unit="times",
            ours=tuple(limit / rate for limit, rate in zip(sorted(limits), rates, strict=True)),
            demand=Demand("2 x at most", at_most=2.0) if flight == 1 else None,
        )


def _resume(bench: Bench) -> Row:
    """The last of the thousand failed; everything else is taken over."""
    return Row(
        name="resume",
        measure=f"resume of a {WIDTH:,}-way foreach in which one item failed",
        note=ONCE,
        unit="s",
        ours=bench.repeat(partial(_resumed, bench.ours)),
        theirs=() if bench.theirs is None else (_resumed(bench.theirs),),
        demand=Demand("50 x faster", times=50),
    )


def _rate_row(name: str, measure: str, ours: tuple[Fan, ...], theirs: tuple[Fan, ...], demand: Demand) -> Row:
    return Row(
        name=name,
        measure=measure,
        note=ONCE,
        unit="tasks/s",
        ours=tuple(fan.rate for fan in ours),
        theirs=tuple(fan.rate for fan in theirs),
        demand=demand,
        more_is_better=True,
    )


def _whole_row(name: str, ours: tuple[Fan, ...], theirs: tuple[Fan, ...]) -> Row:
    return Row(
        name=name,
        measure="that whole run, from the command line to its exit",
        unit="s",
        ours=tuple(fan.wide for fan in ours),
        theirs=tuple(fan.wide for fan in theirs),
    )


def _fans(bench: Bench, flow: str, *options: str) -> tuple[Fan, ...]:
    _fan(bench.ours, flow, *options)  # for warmth
    return tuple(_fan(bench.ours, flow, *options) for _ in range(bench.times()))


def _fan(system: System, flow: str, *options: str) -> Fan:
    """Leaves the wide run, and nothing else, in the system's home."""
    path = system.flow(flow)
    walls = []
    for width in (1, WIDTH):
        system.fresh()
        walls.append(system.run(path, "--width", str(width), *options).wall)
    return Fan(*walls)


def _read_all(system: System) -> float:
    found = system.probe("read_tasks", "FanFlow")
    if found["tasks"] != WIDTH:
        raise ValueError(f"{system.name} lists {found['tasks']} tasks instead of {WIDTH}")
    return float(found["seconds"])


def _resumed(system: System) -> float:
    system.fresh()
    flow = system.flow("flaky_fan")
    system.run_into_failure(flow, "--width", str(WIDTH))
    return system.resume(flow).wall


def _limit(system: System, flight: int) -> float:
    output = system.python_with(str(HERE / "raw_forks.py"), str(WIDTH), str(flight), str(system.home)).output
    return float(json.loads(output)["tasks_per_second"])
