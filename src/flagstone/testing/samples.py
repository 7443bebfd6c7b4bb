"""Sample records for tests: a run that opens, an attempt that starts, one that ends; any field can be replaced."""

from typing import Any

import msgspec

from flagstone.kit.digest import digest_of
from flagstone.model.artifacts import EMPTY_MANIFEST
from flagstone.model.errors import Location
from flagstone.model.events import TaskEnded, TaskStarted
from flagstone.model.jobs import Usage
from flagstone.model.plan import Plan, Step, Transition
from flagstone.model.records import NewRun
from flagstone.model.states import State

PLAN = Plan(
    flow="Tidal",
    file="/flows/tidal.py",
    start="start",
    end="start",
    steps=(Step(name="start", transition=Transition.END, next=(), joins=False, where=Location("/flows/tidal.py", 3)),),
)


def new_run(flow: str = "Tidal", **changes: Any) -> NewRun:
    """What opens a run; `changes` replace fields."""
    run = NewRun(
        flow=flow,
        user="ada",
        created=1_000.0,
        namespace="user:ada",
        tags=(),
        system_tags=("user:ada",),
        parameters={},
        plan=msgspec.msgpack.encode(PLAN),
        constants=EMPTY_MANIFEST,
    )
    return msgspec.structs.replace(run, **changes)


def started(number: int, step: str = "start", **changes: Any) -> TaskStarted:
    """An attempt began at second 10; `changes` replace fields."""
    event = TaskStarted(time=10.0, step=step, number=number, attempt=0, path=(), pid=77, log=None)
    return msgspec.structs.replace(event, **changes)


def ended(number: int, step: str = "start", **changes: Any) -> TaskEnded:
    """An attempt that began at second 10 succeeded at second 20; `changes` replace fields."""
    event = TaskEnded(
        time=20.0,
        step=step,
        number=number,
        attempt=0,
        path=(),
        state=State.SUCCEEDED,
        started=10.0,
        manifest=EMPTY_MANIFEST,
        manifest_digest=digest_of(EMPTY_MANIFEST),
        targets=(),
        split=None,
        label="",
        reads=(),
        failure=None,
        log=None,
        stamps=b"",
        usage=Usage(),
    )
    return msgspec.structs.replace(event, **changes)
