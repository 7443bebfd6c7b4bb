"""The crash matrix: kill whatever can be killed at every action that a run takes, resume, and compare with a quiet run.

python -m tests.reliability.crash_matrix                   every point (a quarter of an hour on two cores)
python -m tests.reliability.crash_matrix --points 60       as many, spread evenly over all
python -m tests.reliability.crash_matrix --report FILE     write the result into that page, between its marks
"""

import argparse
import os
import re
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from flagstone.testing.faults import Action, Fault, read_log
from tests.reliability.crashing import Place, Seen, preload, still_alive
from tests.reliability.flows import CRASH_FLOW

WORKERS = 2  # points at a time
MARKS = re.compile(r"(<!-- crash matrix -->\n).*?(<!-- end -->)", re.DOTALL)


class Point(Struct, frozen=True):
    """One moment and who dies then."""

    action: Action
    fault: Fault


class Outcome(Struct, frozen=True):
    """What one point came to."""

    point: Point
    struck: bool
    state: str  # of the run when its processes were gone; empty when none was recorded
    done: int  # tasks that were recorded as succeeded then
    differences: tuple[str, ...] = ()


class Result(Struct, frozen=True):
    """The whole matrix."""

    actions: int
    outcomes: tuple[Outcome, ...]
    seconds: float

    @property
    def differences(self) -> list[str]:
        """Every difference, with its point."""
        return [
            f"{one.point.fault.words()} ({one.point.action.what}): {words}"
            for one in self.outcomes
            for words in one.differences
        ]


def points(actions: Sequence[Action]) -> list[Point]:
    """Every point: at each action each victim, before it and after it, and torn where there is content to be torn."""
    found = []
    for action in actions:
        victims = ["engine", "zygote", "task", "all"] if _tasks_may_live(action, actions) else ["engine", "all"]
        faults = [Fault(do="kill", nth=action.number, victim=victim) for victim in victims]
        faults += [Fault(do="kill", nth=action.number, when="after")] if action.kind != "exit" else []
        faults += [Fault(do="tear", nth=action.number)] if action.kind == "write" else []
        found += [Point(action, fault) for fault in faults]
    return found


def _tasks_may_live(action: Action, actions: Sequence[Action]) -> bool:
    born = [one.number for one in actions if one.role == "task"]
    return bool(born) and born[0] <= action.number <= born[-1]


def spread(every: Sequence[Point], count: int) -> list[Point]:
    """`count` of them, evenly, and with them every victim at every kind of action as far as it goes."""
    if count <= 0 or count >= len(every):
        return list(every)
    step = len(every) / count
    return [every[int(place * step)] for place in range(count)]


class Matrix:
    """The quiet run, and the points beside it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._script = folder / "flow.py"
        self._script.write_text(CRASH_FLOW)
        preload(folder, self._script)
        quiet = Place(folder / "quiet", self._script)
        status = quiet.run("run", Fault(do="late", nth=1))
        self.expected = quiet.look()
        assert (status, self.expected.state, self.expected.problems) == (0, "succeeded", ()), quiet.said()
        self.actions = read_log(quiet.log)

    def play(self, every: Sequence[Point]) -> Iterator[Outcome]:
        """Play the points, `WORKERS` at a time; the outcomes come in no order."""
        files = [self._folder / f"outcomes{share}" for share in range(WORKERS)]
        children = []
        for share, file in enumerate(files):
            pid = os.fork()
            if pid == 0:
                status = 1
                try:
                    found = [
                        self.at(share + place * WORKERS, point) for place, point in enumerate(every[share::WORKERS])
                    ]
                    file.write_bytes(msgspec.json.encode(found))
                    status = 0
                finally:
                    os._exit(status)
            children.append(pid)
        for pid in children:
            os.waitpid(pid, 0)
        for file in files:
            yield from msgspec.json.decode(file.read_bytes(), type=list[Outcome])

    def at(self, number: int, point: Point) -> Outcome:
        """Play one point."""
        place = Place(self._folder / f"point{number}", self._script)
        status = place.run("run", point.fault)
        log = read_log(place.log)
        after = place.look()
        differences = [] if status is not None else ["the run hung"]
        differences += [f"after the crash: {problem}" for problem in after.problems]
        if after.state == "running":
            differences.append("a run that nobody runs is shown as running")
        left = still_alive({action.pid for action in log})
        differences += [f"process {pid} outlived its run" for pid in sorted(left)]
        end = after
        if after.state != "succeeded":
            status = place.run("resume" if after.run else "run")
            end = place.look()
            if status != 0:
                differences.append(f"the resume left with {status}: {place.said()[-1500:]}")
        differences += self._compare(place, after, end)
        if not differences:
            shutil.rmtree(place.folder)
        return Outcome(point, len(log) >= point.fault.nth, after.state, _succeeded(after), tuple(differences))

    def _compare(self, place: Place, after: Seen, end: Seen) -> Iterator[str]:
        if end.state != "succeeded":
            yield f"it ends as {end.state or 'no run'}"
        if end is not after:
            yield from (f"after the resume: {problem}" for problem in end.problems)
        if end.values != self.expected.values:
            yield f"other artifacts: {_differing(self.expected.values, end.values)}"
        marks = place.marks()
        for mark, count in Counter(marks).items():
            if count > 1:
                yield f"attempt {mark} was made {count} times"
        kept = {name for name, state in after.tasks.items() if state == "succeeded"}
        for run, name, _ in marks:
            if run > after.run > 0 and name in kept:
                yield f"{name} had succeeded, and ran again"


def _succeeded(seen: Seen) -> int:
    return sum(state == "succeeded" for state in seen.tasks.values())


def _differing(expected: dict[str, dict[str, str]], found: dict[str, dict[str, str]]) -> str:
    names = sorted(name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name))
    return "; ".join(f"{name}: {found.get(name)} for {expected.get(name)}" for name in names)


def play(count: int = 0) -> Result:
    """Play `count` points (0: every one) in a folder of their own, which stays when there is a difference."""
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="crash-matrix-"))
    matrix = Matrix(folder)
    chosen = spread(points(matrix.actions), count)
    outcomes = tuple(sorted(matrix.play(chosen), key=lambda one: (one.point.action.number, one.point.fault.words())))
    result = Result(len(matrix.actions), outcomes, time.monotonic() - began)
    if not result.differences:
        shutil.rmtree(folder)
    return result


def report(result: Result) -> str:
    """The tables of the page."""
    struck = [one for one in result.outcomes if one.struck]
    lines = [
        f"Actions of the quiet run: {result.actions}. Points played: {len(result.outcomes)}; the fault struck in",
        f"{len(struck)} of them.",
        f"Differences: {len(result.differences)}. Time: {result.seconds:.0f} s, {WORKERS} points at a time.",
        "",
        "| who dies | points | run seen as lost | failed | succeeded | not recorded yet |",
        "|---|---|---|---|---|---|",
    ]
    for victim, which in _by_victim(struck).items():
        states = Counter(one.state for one in which)
        row = (states["lost"], states["failed"], states["succeeded"], states[""])
        lines.append(f"| {victim} | {len(which)} | {' | '.join(map(str, row))} |")
    lines += ["", "| at | points | tasks done by then |", "|---|---|---|"]
    kinds = sorted({(one.point.action.role, one.point.action.kind) for one in struck})
    for role, kind in kinds:
        which = [one for one in struck if (one.point.action.role, one.point.action.kind) == (role, kind)]
        done = sorted({one.done for one in which})
        lines.append(f"| {role}: {kind} | {len(which)} | {done[0]} to {done[-1]} |")
    return "\n".join(lines) + "\n"


def _by_victim(outcomes: Sequence[Outcome]) -> dict[str, list[Outcome]]:
    found: dict[str, list[Outcome]] = {}
    for one in outcomes:
        fault = one.point.fault
        who = (
            "who acts" if fault.victim == "self" else f"the {fault.victim}" if fault.victim != "all" else "all of them"
        )
        how = "in the middle of a write" if fault.do == "tear" else f"{fault.when} the action"
        found.setdefault(f"{who}, {how}", []).append(one)
    return found


def main() -> int:
    """Play what the words say; 1 when there is a difference."""
    parser = argparse.ArgumentParser(description="Kill at every action, resume, compare.")
    parser.add_argument("--points", type=int, default=0, help="how many, spread evenly; 0: all")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.add_argument("--report", type=Path, help="a page with the marks between which the result is written")
    given = parser.parse_args()
    result = play(given.points)
    text = report(result)
    print(msgspec.json.encode(result).decode() if given.json else text)
    for words in result.differences:
        print("DIFFERENCE", words, file=sys.stderr)
    if given.report is not None and not result.differences:
        page = given.report.read_text("utf-8")
        given.report.write_text(MARKS.sub(lambda found: found[1] + "\n" + text + "\n" + found[2], page), "utf-8")
    return 1 if result.differences else 0


if __name__ == "__main__":
    sys.exit(main())
