"""Gangs have a task that speaks for them; a run may have been set off by another."""

from datetime import UTC, datetime

import msgspec
import pytest

from flagstone.client import Flow, Run
from flagstone.client.trigger import MetaflowEvent, Trigger
from flagstone.model.plan import Plan, Transition
from flagstone.model.states import State
from tests.unit.client.history import History, done, step

SPREAD = msgspec.structs.replace(step("start", "train"), transition=Transition.PARALLEL, num_parallel="3")
GANG = Plan(
    flow="Tidal",
    file="/flows/tidal.py",
    start="start",
    end="end",
    steps=(SPREAD, step("train", "join"), step("join", "end", joins=True), step("end")),
    matching_split={"join": "start"},
)


def test_the_first_of_a_gang_is_its_control_task(history: History) -> None:
    run = history.begin(plan=GANG)
    history.record(run, done(1, "start"), *(done(2 + node, "train", path=(node,)) for node in (0, 1, 2)))
    train = Run("Tidal/1")["train"]

    assert train.control_task is not None
    assert train.control_task.pathspec == "Tidal/1/train/2"
    assert [task.index for task in train.control_tasks()] == [0]
    assert Run("Tidal/1")["start"].control_task is None


def test_a_run_names_the_run_that_set_it_off(history: History) -> None:
    first = history.linear()
    history.begin(system_tags=("user:ada", f"trigger:{first}"))

    trigger = Run("Tidal/2").trigger

    assert trigger is not None
    assert trigger.run == Run("Tidal/1")
    assert trigger.event == MetaflowEvent("Tidal", "Tidal/1", datetime(1970, 1, 1, 0, 17, 40, tzinfo=UTC), "run")
    assert trigger["Tidal"] == Run("Tidal/1")
    assert "Tidal" in trigger
    assert "Solar" not in trigger
    assert Run("Tidal/1").trigger is None


def test_events_that_are_no_runs_are_found_by_name() -> None:
    older = MetaflowEvent("stock", "1", datetime(2030, 1, 1, tzinfo=UTC), "event")
    newer = MetaflowEvent("price", "2", datetime(2030, 1, 2, tzinfo=UTC), "event")

    trigger = Trigger([older, newer])

    assert (trigger.event, trigger.events, list(trigger)) == (newer, [newer, older], [newer, older])
    assert (trigger["stock"], trigger.run, trigger.runs) == (older, None, None)
    with pytest.raises(KeyError, match="no event called 'nothing'"):
        _ = trigger["nothing"]


def test_what_failed_is_found_at_once(history: History) -> None:
    history.linear()
    history.linear(State.FAILED)
    run = history.begin()
    history.record(run, done(1, "start"), done(2, "work", state=State.FAILED, path=(3,)))
    history.end(run, State.FAILED)

    assert [found.pathspec for found in Flow("Tidal").failed_runs] == ["Tidal/3", "Tidal/2"]
    failed = Run("Tidal/3").failed_task
    assert failed is not None
    assert failed.pathspec == "Tidal/3/work/2"
    assert Run("Tidal/1").failed_task is None


def test_what_a_resume_took_over_is_told_at_every_level(history: History) -> None:
    first = history.linear()
    run = history.begin(origin=first)
    history.record(run, done(4, "start", {"x": 1}, origin=first, origin_number=1))

    resumed = Run("Tidal/2")

    assert resumed.origin_pathspec == "Tidal/1"
    assert resumed["start"].origin_pathspec == "Tidal/1/start"
    assert resumed["start"].task["x"].origin_pathspec == "Tidal/1/start/1/x"
    assert Run("Tidal/1")["start"].origin_pathspec is None
    assert Flow("Tidal").origin_pathspec is None
