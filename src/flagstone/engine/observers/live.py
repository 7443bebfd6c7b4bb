"""Shows a run on a terminal: a board that is redrawn in place, one row a step, with the output of tasks above it."""

from collections.abc import Callable, Iterator
from typing import Any, TextIO

from flagstone.engine.observers.console import Console
from flagstone.engine.observers.sink import StreamSink
from flagstone.engine.observers.tally import RunningTask, StepTally, Tally
from flagstone.kit import clock, text
from flagstone.model.events import AnyEvent, PromptClosed, PromptOpened, RunEnded

PATIENCE = 0.5  # seconds; a shorter run never loads the drawing library
REDRAW = 0.1  # seconds between two drawings
MOST_LINES = 400  # lines of output shown between two drawings: more would only flicker past
MOST_TASKS = 5
MOST_STEPS = 16


class LiveConsole:
    """The observer for people at a terminal: lines at first, a board once the run lasts longer than a moment."""

    def __init__(
        self, stream: TextIO, errors: TextIO, *, again: str = "", now: Callable[[], float] = clock.now
    ) -> None:
        self._screen = Screen(stream)
        self._console = Console(self._screen, StreamSink(errors), again=again, now=now)
        self._now = now
        self._since = now()
        self._drawn = 0.0
        self._aside = False  # while a task has the terminal

    def on(self, event: AnyEvent) -> None:
        """Show an event; the board goes before the final words come."""
        if isinstance(event, RunEnded):
            self._console.tally.on(event)
            self._screen.stop(lambda: board(self._console.tally, event.time))
        elif isinstance(event, PromptOpened):
            self._screen.stop(lambda: board(self._console.tally, event.time))
            self._aside = True
        elif isinstance(event, PromptClosed):
            self._aside = False
        self._console.on(event)

    def tick(self) -> None:
        """Start the board when it is time, and redraw it, ten times a second at most."""
        now = self._now()
        if self._aside:
            return
        if not self._screen.live and now - self._since >= PATIENCE and self._console.tally.outcome is None:
            self._console.detailed = False
            self._screen.start()
        if now - self._drawn >= REDRAW:
            self._drawn = now
            self._console.tick()
            self._screen.draw(lambda: board(self._console.tally, now))

    def close(self) -> None:
        """Leave the terminal as it was."""
        self._screen.stop(None)
        self._console.close()


class Screen:
    """A sink on a terminal that keeps a board below everything that is written to it."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._plain = StreamSink(stream)
        self._live: Any = None
        self._waiting: list[bytes] = []

    @property
    def live(self) -> bool:
        """Whether the board is there."""
        return self._live is not None

    def start(self) -> None:
        """Show the board from now on."""
        from rich.console import Console as RichConsole
        from rich.live import Live

        self.flush()
        console = RichConsole(file=self._stream)
        self._live = Live(console=console, auto_refresh=False, redirect_stdout=False, redirect_stderr=False)
        self._live.start()

    def stop(self, last: Callable[[], Any] | None) -> None:
        """Leave the board as `last` draws it; what is written from now on comes below."""
        self.flush()
        if self._live is None:
            return
        try:
            if last is not None:
                self._live.update(last(), refresh=True)
            self._live.stop()
        except OSError:  # the terminal is gone, and the run goes on without it
            pass
        finally:
            self._live = None

    def draw(self, drawing: Callable[[], Any]) -> None:
        """Redraw the board."""
        if self._live is None:
            return
        try:
            self._live.update(drawing(), refresh=True)
        except OSError:
            self._live = None

    def hold(self) -> None:
        """Write what waits, then nothing until `release`; the board is gone by then."""
        self._plain.hold()

    def release(self) -> None:
        """Write again."""
        self._plain.release()

    def text(self, text: str) -> None:
        """Write text above the board."""
        self.raw(text.encode("utf-8", "backslashreplace"))

    def raw(self, data: bytes) -> None:
        """Write bytes above the board."""
        if self._live is None:
            self._plain.raw(data)
        else:
            self._waiting.append(data)

    def flush(self) -> None:
        """Hand over what waits; of a flood only the last lines."""
        if self._live is None:
            self._plain.flush()
            return
        if not self._waiting:
            return
        data = b"".join(self._waiting)
        self._waiting.clear()
        try:
            self._live.console.print(_Verbatim(_end_of(data)), crop=False, soft_wrap=True, end="")
        except OSError:
            self._live = None


class _Verbatim:
    """Text that is drawn as it is: a task's own colours stay, and nothing in it is read as markup."""

    def __init__(self, data: bytes) -> None:
        self._text = data.decode("utf-8", "replace")

    def __rich_console__(self, console: Any, options: Any) -> Iterator[Any]:
        from rich.segment import Segment

        yield Segment(self._text)


def _end_of(data: bytes) -> bytes:
    count = data.count(b"\n")
    if count <= MOST_LINES:
        return data
    lines = data.rsplit(b"\n", MOST_LINES + 1)
    return f"… {count - MOST_LINES:,} lines not shown here (flagstone logs has them all)\n".encode() + b"\n".join(
        lines[1:]
    )


def board(tally: Tally, now: float) -> Any:
    """The picture of a run: a table of its steps, and the tasks that run longest."""
    from rich.console import Group
    from rich.text import Text

    head = Text.assemble((str(tally.run), "bold"), f"  {text.duration(max(0.0, now - tally.started))}")
    tasks = sorted(tally.running.values(), key=lambda task: task.started)
    lines = [Text(f"  {_running(task, now)}", style="dim") for task in tasks[:MOST_TASKS]]
    if len(tasks) > MOST_TASKS:
        lines.append(Text(f"  … {len(tasks) - MOST_TASKS:,} more running", style="dim"))
    return Group(head, _table(tally, now), *lines)


def _table(tally: Tally, now: float) -> Any:
    from rich.progress_bar import ProgressBar
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2))
    steps = list(tally.active())
    for step in steps[-MOST_STEPS:]:
        colour = "red" if step.failed else "green" if step.over >= step.expected else "yellow"
        table.add_row(
            Text(step.name, style=colour),
            ProgressBar(total=max(1, step.expected), completed=step.over, width=24, complete_style=colour),
            f"{step.over:,}/{step.expected:,}",
            _counts(step, over=tally.outcome is not None),
            _pace(step, now, over=tally.outcome is not None),
        )
    for column in table.columns[2:]:
        column.no_wrap = True  # in a narrow window the bars and the names give way
    return table


def _counts(step: StepTally, *, over: bool) -> str:
    counts = (
        (step.running, "running"),
        (step.waiting, "not run" if over else "waiting"),
        (step.again, "to be tried again"),
        (step.failed, "failed"),
        (step.cancelled, "cancelled"),
        (step.cloned, "taken over"),
    )
    return ", ".join(f"{count:,} {word}" for count, word in counts if count)


def _pace(step: StepTally, now: float, *, over: bool) -> str:
    if step.expected < 2 or not (rate := step.rate(now)):
        return ""
    left = None if over else step.seconds_left(now)
    speed = f"{rate:,.0f}/s" if rate >= 10 else f"{rate:.2g}/s"
    return speed if left is None else f"{speed}, {text.duration(left)} left"


def _running(task: RunningTask, now: float) -> str:
    place = f" [{', '.join(map(str, task.path))}]" if task.path else ""
    return f"{task.step}/{task.number}{place}  {text.duration(max(0.0, now - task.started))}"
