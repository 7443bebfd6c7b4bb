"""Runs one step under the eyes of the person, and says what it left."""

import sys

import msgspec

from flagstone.app.options import SpinOptions
from flagstone.app.spinning import Left, Spun, spin_flow
from flagstone.cli.driven import Driver
from flagstone.cli.launching import status_of
from flagstone.cli.output import printable, say, say_table
from flagstone.dsl.flow import FlowSpec
from flagstone.engine.observers.json_lines import JsonLines
from flagstone.engine.observers.sink import StreamSink
from flagstone.engine.observers.spin import SpinConsole
from flagstone.kit import text
from flagstone.model.states import State
from flagstone.ports.observer import Observer

WIDE = 60  # characters of a preview


def spin(
    flow: type[FlowSpec], options: SpinOptions, *, quiet: bool, as_json: bool, debug: str, driver: Driver | None = None
) -> int:
    """Spin a step; returns the exit status."""
    errors = StreamSink(sys.stderr)
    watchers: list[Observer] = [SpinConsole(StreamSink(sys.stdout), errors, quiet=quiet or as_json)]
    if as_json:
        watchers.append(JsonLines(StreamSink(sys.stdout)))
    if driver is not None:
        watchers.append(driver.observer_of_spin(persist=options.persist))
    spun = spin_flow(flow, options, watchers)
    if as_json:
        say(msgspec.json.encode(_facts(spun)).decode())
    elif not quiet:
        _tell(spun, debug)
    return status_of(spun.state)


def _tell(spun: Spun, debug: str) -> None:
    say(f"{spun.task} {spun.state}, with the inputs of {spun.origin}")
    if spun.left:
        say_table(("ARTIFACT", "TYPE", "SIZE", "VALUE", "ORIGIN"), map(_cells, spun.left))
    if spun.missing:
        say(f"not there any more: {', '.join(spun.missing)}")
    if spun.chosen:
        now, *before = spun.chosen
        as_before = "as before" if [now] == before else f"and went on with {before[0]} before" if before else "now"
        say(f"it goes on with {now}, {as_before}")
    say()
    where = "" if spun.persisted else "from flagstone import inspect_spin; inspect_spin(); "
    say(f'  {where}Task("{spun.task}").data')
    if spun.state is not State.SUCCEEDED and spun.persisted:
        say(f"  {debug} {spun.task}")


def _cells(left: Left) -> tuple[str, ...]:
    artifact = left.artifact
    return (left.name, artifact.type, text.size(artifact.size), printable(artifact.preview)[:WIDE], left.verdict)


def _facts(spun: Spun) -> dict[str, object]:
    return {
        "event": "Spun",
        "task": str(spun.task),
        "status": spun.state.value,
        "origin": str(spun.origin),
        "home": spun.home,
        "persisted": spun.persisted,
        "artifacts": [
            {
                "name": left.name,
                "type": left.artifact.type,
                "size": left.artifact.size,
                "preview": left.artifact.preview,
                "verdict": left.verdict,
            }
            for left in spun.left
        ],
        "missing": list(spun.missing),
        "next": spun.chosen[0] if spun.chosen else None,
    }
