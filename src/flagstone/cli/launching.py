"""Starts and resumes runs: chooses who watches, hands over to the engine, and says how it ended as an exit status."""

import os
import sys
from collections.abc import Sequence

from flagstone.app.options import ResumeOptions, RunOptions
from flagstone.app.running import resume_flow, run_flow
from flagstone.cli.driven import Driver
from flagstone.cli.output import INTERRUPTED
from flagstone.dsl.flow import FlowSpec
from flagstone.engine.observers.console import Console
from flagstone.engine.observers.json_lines import JsonLines
from flagstone.engine.observers.live import LiveConsole
from flagstone.engine.observers.quiet import Quiet
from flagstone.engine.observers.sink import StreamSink
from flagstone.model.states import State
from flagstone.ports.observer import Observer

FAILED = 1


def run(flow: type[FlowSpec], options: RunOptions, watchers: Sequence[Observer]) -> int:
    """Run a flow under the eyes of the person; returns the exit status."""
    return status_of(run_flow(flow, options, watchers).state)


def resume(flow: type[FlowSpec], options: ResumeOptions, watchers: Sequence[Observer]) -> int:
    """Resume a run under the eyes of the person; returns the exit status."""
    return status_of(resume_flow(flow, options, watchers).state)


def watchers(*, quiet: bool, as_json: bool, again: str, driver: Driver | None = None) -> Sequence[Observer]:
    """Who watches: JSON lines, nobody but the final words, a board on a terminal, or plain lines.

    And the program that started this command, if one did.
    """
    errors = StreamSink(sys.stderr)
    drivers = [driver.observer()] if driver is not None else []
    if as_json:
        return [JsonLines(StreamSink(sys.stdout)), Quiet(errors, again=again), *drivers]
    if quiet:
        return [Quiet(errors, again=again), *drivers]
    if sys.stdout.isatty() and os.environ.get("TERM") != "dumb":
        return [LiveConsole(sys.stdout, sys.stderr, again=again), *drivers]
    return [Console(StreamSink(sys.stdout), errors, again=again), *drivers]


def status_of(state: State) -> int:
    """The exit status that says how a run ended."""
    if state is State.CANCELLED:
        return INTERRUPTED
    return 0 if state is State.SUCCEEDED else FAILED
