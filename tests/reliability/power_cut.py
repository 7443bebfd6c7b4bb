"""The power goes at every moment of a run: what the disk has then is looked at, and the run is carried on.

python -m tests.reliability.power_cut --every 12     every so many moments (1: all)
"""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
from msgspec import Struct

from flagstone.testing.faults import cuts, rebuild
from flagstone.testing.faults.recording import Change, Recording, read_recording
from tests.reliability.crashing import Place, Seen, preload
from tests.reliability.flows import CRASH_FLOW

LOSSES = ("all", "content", "half")


class Blackouts(Struct, frozen=True):
    """What came of it: the moments there are, those that were tried, those after which it was carried on."""

    moments: int
    tried: int
    resumed: int
    differences: tuple[str, ...]
    unflushed: tuple[str, ...]  # what is found when nothing was ever flushed: the test of the test


def play(every: int) -> Blackouts:
    """Cut the power at every so many moments, with each loss."""
    folder = Path(tempfile.mkdtemp(prefix="power-cut-"))
    script = folder / "flow.py"
    script.write_text(CRASH_FLOW)
    preload(folder, script)
    quiet = Place(folder / "quiet", script)
    status = quiet.run("run", record=True)
    expected = quiet.look()
    assert (status, expected.state, expected.problems) == (0, "succeeded", ()), quiet.said()
    moments = cuts(quiet.recording)
    differences: list[str] = []
    tried = resumed = 0
    for number, lost in enumerate(LOSSES):
        least = 0
        for cut in [*moments[number * every // len(LOSSES) :: every], moments[-1]]:
            place = Place(folder / f"{lost}{cut}", script)
            rebuild(quiet.recording, cut, quiet.home, place.home, lost=lost)
            seen = place.look()
            found = [*_wrong(place, seen, expected), *_forgotten(seen, least)]
            differences += [f"after {cut} changes, with {lost} of the rest lost: {words}" for words in found]
            least, tried, resumed = max(least, len(seen.values)), tried + 1, resumed + (seen.state != "succeeded")
            shutil.rmtree(place.folder)
    unflushed = _without_flushes(quiet, folder, script)
    shutil.rmtree(folder)
    return Blackouts(len(moments), tried, resumed, tuple(differences), unflushed)


def _forgotten(seen: Seen, least: int) -> Iterator[str]:
    if len(seen.values) < least:
        yield f"{len(seen.values)} tasks are recorded as succeeded, and {least} were before"


def _wrong(place: Place, seen: Seen, expected: Seen) -> Iterator[str]:
    yield from seen.problems
    if not seen.values.items() <= expected.values.items():
        yield "other artifacts"
    if seen.state == "succeeded":
        return
    status = place.run("resume" if seen.run else "run")
    end = place.look()
    yield from end.problems
    if status != 0 or end.state != "succeeded" or end.values != expected.values:
        yield f"carrying on left with {status} as {end.state}: {place.said()[-1500:]}"


def _without_flushes(quiet: Place, folder: Path, script: Path) -> tuple[str, ...]:
    """What is wrong on a disk to which the program flushed everything but its blobs."""
    changes = [one for one in read_recording(quiet.recording) if one.kind != "sync" or "/home/tmp/" not in one.path]
    lying = folder / "lying"
    write_recording(lying, changes)
    place = Place(folder / "unflushed", script)
    rebuild(lying, len(changes), quiet.home, place.home, lost="content")
    return place.look().problems


def write_recording(path: Path, changes: list[Change]) -> None:
    """A recording of changes that may never have been."""
    recording = Recording(path)
    for change in changes:
        recording.during(lambda: None, _only(change))
    recording.close()


def _only(change: Change) -> Callable[[object], list[Change]]:
    return lambda _: [change]


def main() -> int:
    """Play what the words say; 1 when there is a difference."""
    parser = argparse.ArgumentParser(description="Cut the power, look, carry on.")
    parser.add_argument("--every", type=int, default=1, help="every so many moments")
    given = parser.parse_args()
    result = play(given.every)
    print(msgspec.json.encode(result).decode())
    return 1 if result.differences else 0


if __name__ == "__main__":
    sys.exit(main())
