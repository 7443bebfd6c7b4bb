"""The final words of a run: how it went, what failed and why, and the commands that help from here."""

from flagstone.dsl.complaint import excerpt
from flagstone.engine.observers.tally import Tally
from flagstone.kit import text
from flagstone.model.errors import Location
from flagstone.model.events import TaskEnded
from flagstone.model.jobs import Failure
from flagstone.model.states import State

NAMED_FAILURES = 5


def success(tally: Tally) -> str:
    """One line: how long it took, how many tasks there were, and how to read the run."""
    took = text.duration(tally.ended - tally.started)
    counts = [text.plural(tally.succeeded, "task")] if tally.succeeded or not tally.cloned else []
    if tally.cloned:
        counts.append(f"{tally.cloned:,}{' more' * len(counts)} taken over from {tally.origin}")
    words = f"run succeeded in {took}: {', '.join(counts)}"
    return f'{words}. Read it with Run("{tally.run}")\n'


def trouble(tally: Tally, again: str) -> str:
    """Several lines about a run that did not succeed; `again` is the command that resumes it."""
    parts = []
    if tally.failures:
        parts.append(failure(tally, tally.failures[0]))
    if tally.failed > 1:
        parts.append(_others(tally))
    parts.append(_verdict(tally))
    parts.append(_commands(tally, again))
    return "\n\n".join(parts) + "\n"


def one_line(failure: Failure | None) -> str:
    """A failure in one line: `ValueError: item five is bad`."""
    if failure is None:
        return "no reason is known"
    kind = failure.type.rpartition(".")[2]
    message = failure.message.strip().split("\n")[0]
    return message if failure.ours or not kind else f"{kind}: {message}" if message else kind


def failure(tally: Tally, event: TaskEnded) -> str:
    """What failed, and the traceback as Python prints it."""
    label = f" ({event.label})" if event.label else ""
    what = "was lost" if event.state is State.LOST else "failed"
    lines = [f"{tally.run}/{event.step}/{event.number}{label} {what}:"]
    reason = event.failure
    if reason is None:
        lines.append("  no reason is known")
    elif reason.traceback and not reason.ours:
        lines.append(reason.traceback.rstrip("\n"))
    else:
        lines.append(f"  {reason.message}")
        if reason.file:
            lines.append("  " + excerpt(Location(reason.file, reason.line)).replace("\n", "\n  "))
    if reason is not None and reason.hint:
        lines.append(f"  {reason.hint[:1].upper()}{reason.hint[1:]}")
    return "\n".join(lines)


def _others(tally: Tally) -> str:
    lines = [f"{text.plural(tally.failed - 1, 'more task')} failed:"]
    shown = tally.failures[1 : NAMED_FAILURES + 1]
    lines += [f"  {tally.run}/{event.step}/{event.number}  {one_line(event.failure)}" for event in shown]
    if tally.failed - 1 > len(shown):
        lines.append(f"  … and {tally.failed - 1 - len(shown):,} like these")
    return "\n".join(lines)


def _verdict(tally: Tally) -> str:
    outcome = tally.outcome or State.FAILED
    words = "was cancelled" if outcome is State.CANCELLED else "was lost" if outcome is State.LOST else "failed"
    kept = tally.succeeded + tally.cloned
    counts = []
    if kept:
        counts.append(f"{text.plural(kept, 'task')} succeeded and {'is' if kept == 1 else 'are'} kept")
    if tally.failed:
        counts.append(f"{tally.failed:,} failed" if kept else f"{text.plural(tally.failed, 'task')} failed")
    verdict = f"{tally.run} {words} after {text.duration(tally.ended - tally.started)}: "
    verdict += ", ".join(counts) or "no task had succeeded yet"
    return f"{verdict}. {tally.reason}".rstrip(" .") + "."


def _commands(tally: Tally, again: str) -> str:
    commands: list[tuple[str, str]] = []
    if tally.failures:
        first = tally.failures[0]
        pathspec = f"{tally.run}/{first.step}/{first.number}"
        commands.append((f"flagstone logs {pathspec}", "what it printed"))
        commands.append((f"flagstone debug {pathspec}", "a prompt with what it had computed by then"))
    if again:
        commands.append((again, "go on from here; what succeeded is not run again"))
    width = max((len(command) for command, _ in commands), default=0)
    return "\n".join(f"  {command:<{width}}  {why}" for command, why in commands)
