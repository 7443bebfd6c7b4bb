"""Drive the scheduler alone through a foreach of a million tasks; print events per second and peak memory as JSON.

Nothing runs: each task that the scheduler starts is told to have succeeded. Argument: the number of tasks.
"""

import json
import random
import resource
import sys
import time

from flagstone.engine.scheduler import Scheduler, StartTask
from flagstone.model.artifacts import Split
from flagstone.model.errors import Location
from flagstone.model.plan import Plan, Step, Transition
from flagstone.model.resources import Resources
from flagstone.model.states import State

PLACES = 64
PAGE = 1_000


def plan() -> Plan:
    """Start, a foreach over `work`, its join, the end."""
    where = Location("simulated.py", 1)
    return Plan(
        flow="SimulatedFlow",
        file="simulated.py",
        start="start",
        end="end",
        steps=(
            Step("start", Transition.FOREACH, ("work",), joins=False, where=where, foreach="items"),
            Step("work", Transition.LINEAR, ("join",), joins=False, where=where),
            Step("join", Transition.LINEAR, ("end",), joins=True, where=where),
            Step("end", Transition.END, (), joins=False, where=where),
        ),
        matching_split={"join": "start"},
    )


def simulate(width: int) -> tuple[int, State]:
    """Run it with `width` items, tasks ending in a random order; returns how many events there were, and the end."""
    flow = plan()
    offsets = tuple(range(width // PAGE + 2))
    split = Split("items", width, PAGE, offsets, body=bytes(len(offsets)))
    scheduler = Scheduler(flow, Resources(cpu=PLACES), places=PLACES)
    choice = random.Random(7)
    running: list[StartTask] = []
    events = 0
    while not scheduler.state.finished:
        started = scheduler.start()
        running += started
        events += len(started)
        place = choice.randrange(len(running))
        running[place], running[-1] = running[-1], running[place]
        task = running.pop()
        step = flow.step(task.step)
        scheduler.succeeded(task.number, step.next, split if step.splits else None)
        events += 1
    return events, scheduler.state


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    begun = time.perf_counter()
    seen, state = simulate(count)
    seconds = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(
        json.dumps(
            {
                "tasks": count,
                "state": state.value,
                "events": seen,
                "seconds": round(seconds, 2),
                "events_per_second": round(seen / seconds),
                "peak_bytes": peak,
            }
        )
    )
