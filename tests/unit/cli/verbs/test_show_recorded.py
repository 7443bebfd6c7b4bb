"""What is shown of switches and of attempts: of facts as the engine records them, in a home on the disk."""

import json
from pathlib import Path

import msgspec
import pytest

from flagstone.app.settings import Settings
from flagstone.app.workspace import Workspace, open_workspace
from flagstone.model.attempts import Retry
from flagstone.model.errors import Location
from flagstone.model.events import AnyEvent, RunEnded
from flagstone.model.ids import RunId
from flagstone.model.jobs import Failure, LogSpan
from flagstone.model.plan import Case, Plan, Step, Transition
from flagstone.model.states import State
from flagstone.testing.samples import ended, new_run, started
from tests.unit.cli.conftest import Ask, typist
from tests.unit.cli.person import Person

HERE = Location("/flows/choice.py", 1)
PLAN = Plan(
    flow="ChoiceFlow",
    file="/flows/choice.py",
    start="start",
    end="end",
    steps=(
        Step(
            "start",
            Transition.SWITCH,
            ("fast", "slow"),
            joins=False,
            where=HERE,
            condition="mode",
            cases=(Case("f", "fast"), Case("s", "slow")),
        ),
        Step("fast", Transition.LINEAR, ("end",), joins=False, where=HERE),
        Step("slow", Transition.LINEAR, ("end",), joins=False, where=HERE),
        Step("end", Transition.END, (), joins=False, where=HERE),
    ),
)


@pytest.fixture
def workspace(person: Person) -> Workspace:
    """The home of somebody, without the engine."""
    return open_workspace(Settings(home=person.home, user="ann"))


@pytest.fixture
def ask(person: Person, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Ask:
    """They type `flagstone WORDS`."""
    return typist(person, monkeypatch, capsys)


def chosen(workspace: Workspace, state: State = State.SUCCEEDED) -> RunId:
    """A run whose switch went fast, on its second attempt; what each attempt printed is there."""
    run = workspace.metadata.begin_run(new_run("ChoiceFlow", plan=msgspec.msgpack.encode(PLAN)))
    logs = workspace.home / "logs" / "ChoiceFlow" / "1"
    logs.mkdir(parents=True)
    (logs / "0.out").write_bytes(b"first try\nsecond try\n")
    (logs / "0.err").write_bytes(b"")
    busy = Failure("builtins.OSError", "busy", "Traceback ...\nOSError: busy\n")
    first, second = LogSpan("0.out", "0.err", 0, 0, 10, 0), LogSpan("0.out", "0.err", 10, 0, 21, 0)
    workspace.metadata.append(
        run,
        [
            ended(1, "start", targets=("fast",)),
            ended(2, "fast", state=State.FAILED, failure=busy, log=first, will_retry=True),
            ended(2, "fast", attempt=1, state=state, started=21.0, time=25.0, log=second),
            *([ended(3, "end", started=26.0, time=27.0)] if state is State.SUCCEEDED else []),
            RunEnded(time=30.0, run=run, state=state),
        ],
    )
    return run


def test_steps_that_a_switch_led_past_were_not_taken(workspace: Workspace, ask: Ask) -> None:
    chosen(workspace)

    lines = {line.split()[0]: line.split()[1:] for line in ask("show", "ChoiceFlow/1").out.splitlines() if line}
    steps = json.loads(ask("show", "ChoiceFlow/1", "--json").out)["steps"]

    assert lines["slow"] == ["not", "taken"]
    assert lines["fast"][:2] == ["1", "1"]
    assert [(step["step"], step["taken"]) for step in steps] == [
        ("start", True),
        ("fast", True),
        ("slow", False),
        ("end", True),
    ]
    assert ask("show", "ChoiceFlow/1/slow").out == "ChoiceFlow/1/slow has no tasks: not taken\n"


def test_steps_after_a_failure_were_not_reached(workspace: Workspace, ask: Ask) -> None:
    chosen(workspace, State.FAILED)

    lines = {line.split()[0]: line.split()[1:] for line in ask("show", "ChoiceFlow/1").out.splitlines() if line}

    assert lines["end"] == ["not", "reached"]


def test_attempts_are_shown(workspace: Workspace, ask: Ask) -> None:
    chosen(workspace)

    assert "succeeded, attempt 1" in ask("show", "ChoiceFlow/1/fast").out
    lines = [line.split() for line in ask("show", "ChoiceFlow/1/fast/2").out.splitlines()]
    table = lines[lines.index(["ATTEMPT", "STARTED", "TOOK", "STATUS", "WHY"]) + 1 :]
    assert [(line[0], line[-1]) for line in table] == [("0", "busy"), ("1", "succeeded")]
    attempts = json.loads(ask("show", "ChoiceFlow/1/fast/2", "--json").out)["attempts"]
    assert [(one["attempt"], one["status"]) for one in attempts] == [(0, "failed"), (1, "succeeded")]


def test_a_task_between_two_attempts_says_when_it_is_tried_again(workspace: Workspace, ask: Ask) -> None:
    fast = msgspec.structs.replace(PLAN.step("fast"), declarations=(Retry(times=1, on=("builtins.OSError",)),))
    plan = msgspec.structs.replace(PLAN, steps=(PLAN.step("start"), fast, PLAN.step("slow"), PLAN.step("end")))
    run = workspace.metadata.begin_run(new_run("ChoiceFlow", plan=msgspec.msgpack.encode(plan)))
    busy = Failure("builtins.OSError", "busy", "", kinds=("builtins.OSError", "builtins.Exception"))
    odd = Failure("builtins.KeyError", "odd", "", kinds=("builtins.KeyError", "builtins.Exception"))
    workspace.metadata.append(
        run,
        [
            ended(1, "fast", state=State.FAILED, failure=busy, will_retry=True),
            ended(2, "fast", state=State.FAILED, failure=odd),
            ended(3, "fast", state=State.FAILED, failure=busy, attempt=1),
        ],
    )

    step = {line.split()[0]: line for line in ask("show", "ChoiceFlow/1/fast").out.splitlines()}
    facts = [json.loads(ask("show", f"ChoiceFlow/1/fast/{number}", "--json").out) for number in (1, 2, 3)]

    assert "OSError: busy; it will be tried again at 1970-01-01" in step["ChoiceFlow/1/fast/1"]
    assert "again" not in step["ChoiceFlow/1/fast/2"] + step["ChoiceFlow/1/fast/3"]
    assert [one["next_attempt_at"] for one in facts] == ["1970-01-01T00:02:20+00:00", None, None]
    assert "tried again" in ask("show", "ChoiceFlow/1/fast/1").out
    assert "tried again at" in ask("show", "ChoiceFlow/1").out

    workspace.metadata.append(run, [RunEnded(time=30.0, run=run, state=State.CANCELLED)])
    assert "again at" not in ask("show", "ChoiceFlow/1/fast").out, "of a run that is over nothing is tried again"


def test_an_older_attempt_is_shown_and_dumped_on_request(workspace: Workspace, ask: Ask) -> None:
    chosen(workspace)

    older = ask("show", "ChoiceFlow/1/fast/2", "--attempt", "0").out
    assert older.startswith("ChoiceFlow/1/fast/2  failed\n")
    assert "OSError: busy" in older
    assert ask("dump", "ChoiceFlow/1/fast/2", "--attempt", "0").status == 0
    for verb in ("show", "dump"):
        said = ask(verb, "ChoiceFlow/1/fast/2", "--attempt", "7")
        assert said.status == 1
        assert "attempt 7 of ChoiceFlow/1/fast/2 does not exist" in said.err


def test_the_tasks_of_a_loop_are_told_apart_by_their_laps(workspace: Workspace, ask: Ask) -> None:
    run = workspace.metadata.begin_run(new_run("ChoiceFlow", plan=msgspec.msgpack.encode(PLAN)))
    workspace.metadata.append(run, [ended(1, "fast", label="'x'"), ended(2, "fast", label="'x'", laps=(1,))])

    assert "'x', lap 2" in ask("show", "ChoiceFlow/1/fast").out.splitlines()[2]
    assert [task["laps"] for task in json.loads(ask("show", "ChoiceFlow/1/fast", "--json").out)] == [[], [1]]


def test_the_output_of_an_older_attempt_is_printed_and_scrubbed_on_request(workspace: Workspace, ask: Ask) -> None:
    chosen(workspace)

    assert ask("logs", "ChoiceFlow/1/fast/2").out == "second try\n"
    assert ask("logs", "ChoiceFlow/1/fast/2", "--attempt", "0").out == "first try\n"
    assert ask("logs", "ChoiceFlow/1", "--attempt", "0").out == "[fast/2] first try\n"
    newest = ask("logs", "scrub", "ChoiceFlow/1/fast")
    assert newest.out == "ChoiceFlow/1/fast/2 (attempt 1): 10 B of stdout scrubbed\n"
    assert "--all scrubs them as well" in newest.err
    assert ask("logs", "ChoiceFlow/1/fast/2", "--attempt", "0").out == "first try\n"
    assert ask("logs", "scrub", "ChoiceFlow/1", "--all").out == "ChoiceFlow/1/fast/2: 9 B of stdout scrubbed\n"
    assert ask("logs", "ChoiceFlow/1/fast/2", "--attempt", "0").out == "*********\n"


def test_a_task_that_still_runs_is_scrubbed_only_when_that_is_meant(workspace: Workspace, ask: Ask) -> None:
    run = workspace.metadata.begin_run(new_run("ChoiceFlow", plan=msgspec.msgpack.encode(PLAN)))
    logs = workspace.home / "logs" / "ChoiceFlow" / "1"
    logs.mkdir(parents=True)
    (logs / "0.out").write_bytes(b"so far\n")
    workspace.metadata.append(run, [running_task()])

    alone = ask("logs", "scrub", "ChoiceFlow/1")
    meant = ask("logs", "scrub", "ChoiceFlow/1", "--include-not-done")

    assert (alone.status, alone.out) == (1, "")
    assert "1 task still running left alone" in alone.err
    assert meant.out == "ChoiceFlow/1/start/1: 6 B of stdout scrubbed\n"
    assert Path(logs / "0.out").read_bytes() == b"******\n"


def running_task() -> AnyEvent:
    return started(1, log=LogSpan("0.out", "0.err", 0, 0))
