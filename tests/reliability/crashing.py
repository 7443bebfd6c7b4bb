"""Runs the flow in processes that may die, each forked from this one, and looks at what they leave."""

import contextlib
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from flagstone.app.doctor import examine
from flagstone.app.settings import Settings
from flagstone.app.workspace import open_workspace
from flagstone.kit.digest import digest_of, to_hex
from flagstone.model.artifacts import decode_artifact, decode_manifest
from flagstone.model.ids import RunId
from flagstone.model.records import RunQuery, TaskQuery
from flagstone.testing.faults import Fault, inject
from flagstone.testing.faults.launching import launch

FLOW = "CrashFlow"
CAUGHT = "trouble"  # what @catch caught, which is another thing when the task itself was killed
PATIENCE = 120.0  # seconds; whatever takes longer hangs


class Seen(Struct, frozen=True):
    """What is in a home: the newest run, and whether everything is whole."""

    run: int = 0  # 0: none is recorded
    state: str = ""
    tasks: dict[str, str] = {}  # their states, by step and place
    values: dict[str, dict[str, str]] = {}  # the digests of the artifacts of those that succeeded
    problems: tuple[str, ...] = ()


class Place:
    """One home, the marks of the steps beside it, and the flow in `script`."""

    def __init__(self, folder: Path, script: Path) -> None:
        folder.mkdir(parents=True)
        self.folder = folder
        self.home = folder / "home"
        self.log = folder / "actions"
        self.recording = folder / "recording"
        self._script = script

    def run(self, verb: str, *faults: Fault, record: bool = False) -> int | None:
        """`python flow.py VERB` under faults; its exit status (negative: the signal), None when it had to be killed."""

        return in_child(lambda: self.body(verb, *faults, record=record))

    def body(self, verb: str, *faults: Fault, record: bool) -> None:
        """What the process of a run does. Raises SystemExit."""
        os.setsid()
        os.environ.update(FLAGSTONE_HOME=str(self.home), FLAGSTONE_USER="tester", MARKS=str(self.folder / "marks"))
        os.chdir(self._script.parent)
        with open(self.folder / "said", "ab") as said:
            os.dup2(said.fileno(), 1)
            os.dup2(said.fileno(), 2)
        words = [str(self._script), verb, "--max-workers", "2"]
        if faults or record:
            with inject(*faults, log=self.log, under=self.home, record=self.recording if record else None):
                launch(words)
        else:
            launch(words)

    def marks(self) -> list[tuple[int, str, int]]:
        """Run, place and attempt of each step that began, in order."""
        with contextlib.suppress(FileNotFoundError):
            lines = (self.folder / "marks").read_text().splitlines()
            return [(int(run), name, int(attempt)) for run, name, attempt in map(str.split, lines)]
        return []

    def said(self) -> str:
        """All that the processes printed."""
        return (self.folder / "said").read_text("utf-8", "replace")

    def look(self) -> Seen:
        """What is there, seen by a process of its own."""
        result = self.folder / "seen"
        status = in_child(lambda: _report(self.home, result))
        if status != 0:
            return Seen(problems=(f"looking at the home left with {status}: {result.read_text()}",))
        return msgspec.json.decode(result.read_bytes(), type=Seen)


def in_child(body: Callable[[], None]) -> int | None:
    """Run `body` in a forked process; its exit status, None when it hung and was killed."""
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        status = 70
        try:
            body()
            status = 0
        except SystemExit as left:
            status = left.code if isinstance(left.code, int) else int(left.code is not None)
        except BaseException:  # noqa: BLE001 - it must not unwind into the frames of the parent
            traceback.print_exc()
        finally:
            with contextlib.suppress(Exception):
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(status)
    with contextlib.closing(_Watch(pid)) as watch:
        if not watch.wait(PATIENCE):
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            return None
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def preload(folder: Path, script: Path) -> None:
    """Import once, in this process, what each run would import: a quarter of its time."""
    probe = Place(folder / "probe", script)
    names = folder / "modules"
    in_child(lambda: _name_modules(probe, names))
    for name in names.read_text().splitlines():
        import_module(name)


def _name_modules(probe: Place, names: Path) -> None:
    before = set(sys.modules)
    try:
        probe.body("run", record=False)
    finally:
        loaded = [name for name in sys.modules if name not in before and not name.startswith(("__main__", "tests"))]
        names.write_text("\n".join(loaded))


class _Watch:
    """Tells when a process ends."""

    def __init__(self, pid: int) -> None:
        self._fd = os.pidfd_open(pid)

    def wait(self, seconds: float) -> bool:
        import select

        return bool(select.select([self._fd], [], [], seconds)[0])

    def close(self) -> None:
        os.close(self._fd)


def _report(home: Path, result: Path) -> None:
    try:
        seen = see(home)
    except BaseException:
        result.write_text(traceback.format_exc())
        raise
    result.write_bytes(msgspec.json.encode(seen))


def see(home: Path) -> Seen:
    """What is in a home, as the code reads it, and what is wrong with it."""
    if not home.exists():
        return Seen()
    settings = Settings(home=home, user="tester")
    problems = [f"{found.check}: {found.text}" for found in examine(settings) if found.level == "problem"]
    problems += [f"blob {path.name} does not hold what its name says" for path in _damaged(home)]
    workspace = open_workspace(settings)
    try:
        runs = workspace.metadata.runs(RunQuery(flow=FLOW))
        if not runs:
            return Seen(problems=tuple(problems))
        newest = max(runs, key=lambda run: run.id.number)
        problems += [f"{run.id} is shown as running, and nobody runs it" for run in runs if run.state == "running"]
        tasks, values = _tasks(workspace, newest.id)
        return Seen(newest.id.number, str(newest.state), tasks, values, tuple(problems))
    finally:
        workspace.metadata.close()


def _tasks(workspace: Any, run: RunId) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    tasks: dict[str, str] = {}
    values: dict[str, dict[str, str]] = {}
    for task in workspace.metadata.tasks(run, TaskQuery(with_manifests=True)):
        name = "/".join([task.id.step, *map(str, task.path)])
        tasks[name] = str(task.state)
        if task.state == "succeeded":
            found = decode_manifest(task.manifest).artifacts
            values[name] = {key: to_hex(decode_artifact(raw).digest) for key, raw in found.items()}
            if CAUGHT in found:
                values[name][CAUGHT] = "whatever befell it"
    return tasks, values


def _damaged(home: Path) -> list[Path]:
    """The files among the blobs, referred to or not, that are not whole."""
    damaged = []
    for path in sorted((home / "blobs").glob("*/*")):
        data = path.read_bytes()
        name = path.name.removesuffix(".zst")
        if path.suffix == ".zst":
            import zstandard

            try:
                data = zstandard.ZstdDecompressor().decompress(data)
            except zstandard.ZstdError:
                data = b""
        if to_hex(digest_of(data)) != name:
            damaged.append(path)
    return damaged


def still_alive(pids: set[int], seconds: float = 20) -> set[int]:
    """Which of the processes of a run are alive although `seconds` have been given them to end."""
    end = time.monotonic() + seconds
    while left := {pid for pid in pids if _is_ours(pid)}:
        if time.monotonic() > end:
            return left
        time.sleep(0.02)
    return set()


def _is_ours(pid: int) -> bool:
    """Whether that process runs (a zombie does not) the program that this one runs."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
        same = Path(f"/proc/{pid}/exe").resolve() == Path("/proc/self/exe").resolve()
    except OSError:
        return False
    return same and stat.rpartition(")")[2].split()[0] != "Z"
