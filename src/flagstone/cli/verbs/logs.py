"""Print what tasks printed."""

import time

import click

from flagstone.app import workspace as workspaces
from flagstone.cli.door import Door
from flagstone.cli.facts import local
from flagstone.cli.finding import find_run, find_tasks, missing, parse
from flagstone.cli.following import follow
from flagstone.cli.log_reading import STREAMS, Piece, pieces, prefixed
from flagstone.cli.output import note, say_bytes
from flagstone.model.ids import Pathspec
from flagstone.model.records import TaskRecord


@click.command(help=f"{__doc__}\n\nPATHSPEC is a run, a step or a task; lines of several tasks begin with theirs.")
@click.argument("pathspec")
@click.option("--stdout", is_flag=True, help="Only what was printed to stdout.")
@click.option("--stderr", is_flag=True, help="Only what was printed to stderr.")
@click.option("--timestamps", is_flag=True, help="Begin each line with the time at which it was seen.")
@click.option("--attempt", type=click.IntRange(min=0), help="Which attempt.  [default: the newest]")
@click.option("-f", "--follow", "following", is_flag=True, help="Go on until the run is over.")
@click.pass_obj
def command(door: Door, /, pathspec: str, attempt: int | None, **given: bool) -> None:
    """Print what tasks printed."""
    path = parse(pathspec, door, least=2, most=4)
    streams = [stream for stream in STREAMS if given[stream]] or list(STREAMS)
    workspace = workspaces.default()
    run = find_run(workspace, path)
    show = _Printer(path, given["timestamps"])
    if given["following"]:
        follow(workspace, run.id, path, streams, show)
        return
    printed = False
    for task in find_tasks(workspace, run, path):
        if attempt is not None and task.attempt != attempt:
            if path.task is None:
                continue
            raise missing(
                workspace, f"attempt {attempt} of {task.id}", f"attempt {task.attempt} is the newest; `show` lists"
            )
        for piece in pieces(workspace, run.id, task, streams, timed=given["timestamps"]):
            show(task, piece)
            printed = True
    if not printed:
        note("nothing was printed")


class _Printer:
    """Prints pieces behind the prefix that tells them apart."""

    def __init__(self, path: Pathspec, timestamps: bool) -> None:
        self._several = path.task is None
        self._timestamps = timestamps

    def __call__(self, task: TaskRecord, piece: Piece) -> None:
        prefix = ""
        if self._timestamps:
            prefix = f"{local(piece.time or time.time())} "
        if self._several:
            prefix += f"[{task.id.step}/{task.id.number}] "
        say_bytes(prefixed(piece.data, prefix.encode()))
