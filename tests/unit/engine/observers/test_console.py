"""The lines of a run: golden for a small one, summaries for a large one, failures and output always."""

import io
import time
from collections.abc import Iterable

import pytest

from flagstone.engine.observers.console import Console
from flagstone.engine.observers.sink import StreamSink
from flagstone.model.events import AnyEvent, Notice
from flagstone.model.ids import RunId
from flagstone.model.jobs import Failure
from flagstone.model.states import State
from tests.unit.engine.observers.recorded import (
    FAILURE,
    RUN,
    T0,
    ended,
    expected,
    output,
    run_ended,
    run_started,
    small_run,
    started,
)


@pytest.fixture(autouse=True)
def _utc(monkeypatch: pytest.MonkeyPatch) -> Iterable[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def shown(events: Iterable[AnyEvent], *, ticks: Iterable[float] = ()) -> tuple[str, str]:
    """What a console writes to its two streams for these events, and then at these times."""
    out, errors = io.StringIO(), io.StringIO()
    clock = iter([T0 + after for after in ticks])
    console = Console(StreamSink(out), StreamSink(errors), again="python flow.py resume", now=lambda: next(clock))
    for event in events:
        console.on(event)
    for _ in ticks:
        console.tick()
    console.close()
    return out.getvalue(), errors.getvalue()


def without_times(text: str) -> list[str]:
    return [line[20:] for line in text.splitlines()]


def test_a_small_run_is_told_line_by_line() -> None:
    out, errors = shown(small_run())

    assert out.splitlines()[0].startswith("2027-01-15 08:00:00 [EachFlow/3] ")
    assert without_times(out) == [
        "[EachFlow/3] run started: 3 steps, 2 workers",
        "[EachFlow/3/start/1] task started",
        "[EachFlow/3/start/1] task done in 100 ms",
        "[EachFlow/3/work/2] task started",
        "[EachFlow/3/work/2] hello",
        "[EachFlow/3/work/2] world",
        "[EachFlow/3/work/2] task done in 500 ms",
        "[EachFlow/3/join/3] task started",
        "[EachFlow/3/join/3] task done in 1.1 s",
        '[EachFlow/3] run succeeded in 1.2 s: 3 tasks. Read it with Run("EachFlow/3")',
    ]
    assert errors == ""


def test_a_large_foreach_is_summarised_but_its_failures_and_output_are_shown() -> None:
    events: list[AnyEvent] = [run_started(), expected("work", 1000)]
    for number in range(1, 901):
        events += [started("work", number), ended("work", number)]
    events += [started("work", 901), ended("work", 901, State.FAILED, failure=FAILURE)]
    events += [started("work", 902), output("work", 902, b"a word\n")]

    out, _ = shown(events, ticks=[10.0, 12.0, 20.0])

    assert without_times(out) == [
        "[EachFlow/3] run started: 3 steps, 2 workers",
        "[EachFlow/3/work] 1,000 tasks to do",
        "[EachFlow/3/work/901] task failed after 1.0 s ('five'): ValueError: item five is bad",
        "[EachFlow/3/work/902] a word",
        "[EachFlow/3/work] 901 of 1,000 done, 1 running, 1 failed, 90 tasks/s, about 1.1 s left",
    ]


def test_a_failed_run_ends_with_the_users_traceback_and_the_commands_that_help() -> None:
    events: list[AnyEvent] = [run_started(), expected("work", 2), started("work", 7), started("work", 8)]
    events += [ended("work", 7, State.FAILED, failure=FAILURE), ended("work", 8), run_ended(State.FAILED)]

    _, errors = shown(events)

    assert errors == (
        "\n"
        "EachFlow/3/work/7 ('five') failed:\n"
        "Traceback (most recent call last):\n"
        '  File "flow.py", line 9, in work\n'
        "    raise ValueError\n"
        "ValueError: item five is bad\n"
        "\n"
        "EachFlow/3 failed after 1.2 s: 1 task succeeded and is kept, 1 failed.\n"
        "\n"
        "  flagstone logs EachFlow/3/work/7   what it printed\n"
        "  flagstone debug EachFlow/3/work/7  a prompt with what it had computed by then\n"
        "  python flow.py resume              go on from here; what succeeded is not run again\n"
    )


def test_many_failures_are_named_but_not_all_told() -> None:
    events: list[AnyEvent] = [run_started(), expected("work", 40)]
    events += [ended("work", number, State.FAILED, failure=FAILURE) for number in range(1, 41)]
    events.append(run_ended(State.FAILED))

    _, errors = shown(events)

    assert errors.count("Traceback") == 1
    assert "39 more tasks failed:\n  EachFlow/3/work/2  ValueError: item five is bad\n" in errors
    assert "… and 34 like these" in errors


def test_our_own_refusal_in_a_step_is_told_without_a_traceback() -> None:
    failure = Failure("NoSuchArtifact", "no attribute 'x'", "Traceback ...", hint="assign it before", ours=True)

    _, errors = shown([run_started(), ended("work", 7, State.FAILED, failure=failure), run_ended(State.FAILED)])

    assert "Traceback" not in errors
    assert "  no attribute 'x'\n  Assign it before\n" in errors


def test_a_cancelled_run_says_that_it_can_be_resumed() -> None:
    events: list[AnyEvent] = [
        run_started(),
        ended("work", 1),
        ended("work", 2, State.CANCELLED),
        run_ended(State.CANCELLED),
    ]

    out, errors = shown(events)

    assert "[EachFlow/3/work/2] task cancelled" in out
    assert "EachFlow/3 was cancelled after 1.2 s: 1 task succeeded and is kept.\n" in errors
    assert "python flow.py resume" in errors


def test_an_attempt_that_will_be_tried_again_is_no_failure_of_the_run() -> None:
    events: list[AnyEvent] = [
        run_started(),
        expected("work", 1),
        started("work", 1),
        ended("work", 1, State.FAILED, failure=FAILURE, will_retry=True),
        started("work", 1),
        ended("work", 1),
        run_ended(),
    ]

    out, errors = shown(events)

    assert "it will be tried again" in out
    assert "succeeded in 1.2 s: 1 task." in out
    assert errors == ""


def test_a_resumed_run_counts_what_it_took_over_apart() -> None:
    origin = RunId("EachFlow", 2)
    events: list[AnyEvent] = [
        run_started(origin),
        ended("start", 1, origin=origin),
        started("work", 2),
        ended("work", 2),
        run_ended(),
    ]

    out, _ = shown(events)

    assert "[EachFlow/3] run started: 3 steps, 2 workers, resumes EachFlow/2" in out
    assert "succeeded in 1.2 s: 1 task, 1 more taken over from EachFlow/2." in out
    assert "start/1" not in out


def test_a_progress_bar_is_shown_in_its_last_state() -> None:
    out, _ = shown([run_started(), output("work", 1, b"\r 10%\r 50%\r100%\nend\r\n", "stderr")])

    assert without_times(out)[1:] == ["[EachFlow/3/work/1] 100%", "[EachFlow/3/work/1] end"]


def test_output_without_a_newline_is_a_line() -> None:
    out, _ = shown([run_started(), output("work", 1, b"no end")])

    assert without_times(out)[1:] == ["[EachFlow/3/work/1] no end"]


def test_a_notice_before_the_run_has_a_number_is_shown_too() -> None:
    out, _ = shown([Notice(time=T0, text="read this", level="warning"), Notice(time=T0, text="and this")])

    assert without_times(out) == ["warning: read this", "and this"]


def test_a_million_lines_stream_quickly() -> None:
    console = Console(StreamSink(io.TextIOWrapper(io.BytesIO())), StreamSink(io.StringIO()))
    console.on(run_started())
    chunk = b"".join(b"%07d" % number + b"x" * 92 + b"\n" for number in range(10_000))

    began = time.perf_counter()
    for _ in range(30):
        console.on(output("work", 1, chunk))
    seconds = time.perf_counter() - began

    assert 300_000 / seconds > 300_000, f"{300_000 / seconds:,.0f} lines a second"


def test_the_run_is_named_as_a_pathspec_everywhere() -> None:
    out, _ = shown(small_run())

    assert all(f"[{RUN}" in line for line in out.splitlines())


def test_a_run_in_which_nothing_succeeded_keeps_nothing() -> None:
    events: list[AnyEvent] = [run_started(), ended("work", 1, State.FAILED, failure=FAILURE), run_ended(State.FAILED)]

    _, errors = shown(events)
    _, cancelled = shown([run_started(), ended("work", 1, State.CANCELLED), run_ended(State.CANCELLED)])

    assert "EachFlow/3 failed after 1.2 s: 1 task failed.\n" in errors
    assert "EachFlow/3 was cancelled after 1.2 s: no task had succeeded yet.\n" in cancelled


def test_a_resumed_run_that_had_nothing_left_to_do_speaks_of_no_tasks_of_its_own() -> None:
    origin = RunId("EachFlow", 2)

    out, _ = shown([run_started(origin), ended("start", 1, origin=origin), run_ended()])

    assert "succeeded in 1.2 s: 1 taken over from EachFlow/2." in out
