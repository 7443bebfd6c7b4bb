"""Large values: an array and a frame, stored, opened, stored again."""

from collections.abc import Callable, Iterator

from msgspec import Struct

from sidebyside.bench import Bench
from sidebyside.rows import MIB, Demand, Row
from sidebyside.systems import System

SIZE = 512  # MiB
LARGE_ARRAY, SMALL_ARRAY = str(SIZE), "0"
LARGE_FRAME, SMALL_FRAME = "2000000", "10"


class Passage(Struct, frozen=True):
    """One run of a flow that makes a value and reads it in its second step, in seconds and bytes.

    `store` and `load` are by the tasks' own record, less the making of the value. `whole` is by the clock outside,
    less the making.
    """

    store: float
    load: float
    whole: float
    largest: int
    on_disk: int

    def beyond(self, small: "Passage") -> "Passage":
        """What of it is due to the value: the same flow with a tiny one is taken off."""
        return Passage(
            max(self.store - small.store, 0.001),
            max(self.load - small.load, 0.001),
            max(self.whole - small.whole, 0.001),
            self.largest,
            self.on_disk,
        )


def rows(bench: Bench) -> Iterator[Row]:
    """The array, then the frame."""
    yield from _array(bench)
    yield from _frame(bench)


def _array(bench: Bench) -> Iterator[Row]:
    first, again = _measure(bench, _array_twice, theirs=2)
    ours, theirs = first
    sides = (ours, theirs)
    yield _row("array_store", f"a step stores {SIZE} MiB of random float64", sides, lambda p: p.store, 20)
    yield _row("array_touch", "the next step opens it and touches 1%", sides, lambda p: p.load, 20)
    yield _row("array_whole", "both together, the whole run by the clock outside", sides, lambda p: p.whole, None)
    yield Row(
        name="array_memory",
        measure="peak memory of the largest process, as a multiple of the array",
        unit="times",
        ours=tuple(p.largest / (SIZE * MIB) for p in ours),
        theirs=tuple(p.largest / (SIZE * MIB) for p in theirs),
        demand=Demand("1.3 x at most", at_most=1.3),
    )
    yield Row(
        name="array_again_disk",
        measure="the same array stored by a second run: further room on disk",
        unit="bytes",
        ours=tuple(float(b.on_disk - a.on_disk) for a, b in zip(ours, again[0], strict=True)),
        theirs=tuple(float(b.on_disk - a.on_disk) for a, b in zip(theirs, again[1], strict=True)),
        demand=Demand("no second copy (1% at most)", at_most=SIZE * MIB / 100),
    )
    yield _row("array_again", "the same array stored by a second run", again, lambda p: p.store, None)
    yield Row(
        name="array_again_time",
        measure="time of that, as a part of the first time",
        unit="times",
        ours=tuple(b.store / a.store for a, b in zip(ours, again[0], strict=True)),
        theirs=tuple(b.store / a.store for a, b in zip(theirs, again[1], strict=True)),
        demand=Demand("a third at most (3 x faster)", at_most=1 / 3),
    )


def _frame(bench: Bench) -> Iterator[Row]:
    sides = _measure(bench, _frame_once, theirs=3)[0]
    name = "a pandas frame of 2 million rows (floats, ints, strings, dates)"
    yield _row("frame_store", f"{name}: store", sides, lambda p: p.store, None)
    yield _row("frame_load", f"{name}: load", sides, lambda p: p.load, None)
    yield _row("frame", f"{name}: store and load", sides, lambda p: p.store + p.load, 5)
    yield _row("frame_whole", "both together, the whole run by the clock outside", sides, lambda p: p.whole, None)


Sides = tuple[tuple[Passage, ...], tuple[Passage, ...]]


def _row(name: str, measure: str, sides: Sides, of: Callable[[Passage], float], times: float | None) -> Row:
    demand = None if times is None else Demand(f"{times:.0f} x faster", times=times)
    ours, theirs = (tuple(of(passage) for passage in side) for side in sides)
    return Row(name=name, measure=measure, unit="s", ours=ours, theirs=theirs, demand=demand)


def _measure(bench: Bench, measure: Callable[[System], list[Passage]], *, theirs: int) -> list[Sides]:
    """For each passage that `measure` makes: those of both systems, in turns."""
    ours = []
    other = []
    for turn in range(bench.times()):
        ours.append(measure(bench.ours))
        if bench.theirs is not None and turn < bench.times(theirs):
            other.append(measure(bench.theirs))
    return [
        (tuple(made[index] for made in ours), tuple(made[index] for made in other)) for index in range(len(ours[0]))
    ]


def _array_twice(system: System) -> list[Passage]:
    system.fresh()
    small = _small(system, "large_array", "ArrayFlow", "--mebibytes", SMALL_ARRAY)
    first = _passage(system, "large_array", "ArrayFlow", "--mebibytes", LARGE_ARRAY)
    again = _passage(system, "large_array", "ArrayFlow", "--mebibytes", LARGE_ARRAY)
    system.fresh()
    return [first.beyond(small), again.beyond(small)]


def _frame_once(system: System) -> list[Passage]:
    system.fresh()
    small = _small(system, "large_frame", "FrameFlow", "--rows", SMALL_FRAME)
    large = _passage(system, "large_frame", "FrameFlow", "--rows", LARGE_FRAME)
    system.fresh()
    return [large.beyond(small)]


def _small(system: System, flow: str, name: str, *options: str) -> Passage:
    """The passage of a tiny value: the better of two, for the first one also warms the caches."""
    return min((_passage(system, flow, name, *options) for _ in range(2)), key=lambda passage: passage.whole)


def _passage(system: System, flow: str, name: str, *options: str) -> Passage:
    reading = system.run(system.flow(flow), *options)
    start, second, _ = system.probe("task_times", name)
    return Passage(
        store=start["seconds"] - start["making"],
        load=second["seconds"],
        whole=reading.wall - start["making"],
        largest=reading.largest,
        on_disk=system.bytes_on_disk(),
    )
