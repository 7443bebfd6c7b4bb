"""What a person waits for before anything happens: imports, help, the smallest flow, one more step."""

from collections.abc import Iterator
from functools import partial
from itertools import pairwise

from sidebyside.bench import Bench
from sidebyside.rows import Demand, Row
from sidebyside.systems import System

SHORT, LONG = 3, 23  # steps of the two chains whose difference is the cost of a step


def rows(bench: Bench) -> Iterator[Row]:
    """Import, hello world, a further step, help."""
    demand = Demand("6 x less, under 60 ms", times=6, at_most=0.060)
    for name, statement, demanded in (
        ("import", "import flagstone", demand),
        ("import_names", "from flagstone import FlowSpec, step", None),
    ):
        ours, theirs = bench.both(partial(_import, statement))
        yield Row(
            name=name,
            measure=f"`{statement}`, CPU time of the whole interpreter",
            unit="s",
            ours=ours,
            theirs=theirs,
            demand=demanded,
        )
    ours, theirs = bench.both(_hello)
    yield Row(
        name="hello",
        measure="hello world of three steps, from the command line",
        unit="s",
        ours=ours,
        theirs=theirs,
        demand=Demand("6 x faster", times=6),
    )
    ours, theirs = bench.both(_further_step, theirs=3, warm=False)
    yield Row(
        name="step",
        measure="each further linear no-op step",
        note=f"a chain of {LONG} steps minus one of {SHORT}, divided by {LONG - SHORT}",
        unit="s",
        ours=ours,
        theirs=theirs,
        demand=Demand("25 x faster", times=25),
    )
    ours, theirs = bench.both(lambda system: system.python_with(str(system.flow("hello")), "run", "--help").wall)
    yield Row(
        name="help",
        measure="`flow.py run --help`",
        unit="s",
        ours=ours,
        theirs=theirs,
        demand=Demand("4 x faster", times=4),
    )


def chain(steps: int) -> str:
    """The source of a flow of so many steps, one after the other, that do nothing."""
    names = ["start", *(f"step_{number:02d}" for number in range(1, steps - 1)), "end"]
    methods = [
        f"    @step\n    def {name}(self):\n        self.next(self.{after})\n" for name, after in pairwise(names)
    ]
    head = "from flagstone import FlowSpec, step\n\n\nclass ChainFlow(FlowSpec):\n"
    last = "    @step\n    def end(self):\n        pass\n"
    return head + "\n".join([*methods, last]) + '\n\nif __name__ == "__main__":\n    ChainFlow()\n'


def _import(statement: str, system: System) -> float:
    return system.python_with("-c", statement.replace("flagstone", system.name)).cpu


def _hello(system: System) -> float:
    system.fresh()
    return system.run(system.flow("hello")).wall


def _further_step(system: System) -> float:
    system.fresh()
    walls = [system.run(system.write(f"chain_{steps}.py", chain(steps))).wall for steps in (SHORT, LONG)]
    return (walls[1] - walls[0]) / (LONG - SHORT)
