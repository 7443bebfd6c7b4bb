"""What lies where in a `.metaflow` directory, and reading it: every file may be damaged, and says so."""

import gzip
import hashlib
import json
import zlib
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from msgspec import Struct

from flagstone.app.migration import inert
from flagstone.model.errors import NotFound

SKIPPED = frozenset({"data", "mf.cards"})  # beside the flows


class Damaged(Exception):
    """A file of the directory is not what it should be: `str()` says which, and what is wrong."""


class Blob(Struct, frozen=True):
    """A stored value: where it is, and what is recorded about it."""

    sha: str
    type: str


class OldDirectory:
    """A `.metaflow` directory."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @classmethod
    def at(cls, path: Path) -> "OldDirectory":
        """The directory itself, or the one in the folder `path`. Raises NotFound."""
        for root in (path / ".metaflow", path):
            if any(root.glob("*/*/_meta/_self.json")):
                return cls(root)
        hint = "give the folder that holds .metaflow, or that directory itself"
        raise NotFound(what=f"a .metaflow directory with runs in it, at {path},", place="", hint=hint)

    def flows(self) -> list[str]:
        """The names of the flows."""
        folders = (folder for folder in self.root.iterdir() if folder.name not in SKIPPED and folder.is_dir())
        return sorted(folder.name for folder in folders if any(folder.glob("*/_meta")))

    def runs(self, flow: str) -> list["OldRun"]:
        """The runs of a flow, in no order."""
        folders = (folder for folder in (self.root / flow).iterdir() if (folder / "_meta").is_dir())
        return [OldRun(self, flow, folder) for folder in folders]

    def blob(self, flow: str, sha: str) -> bytes:
        """A stored value as it was serialised. Raises Damaged."""
        path = self.root / flow / "data" / sha[:2] / sha
        raw = False
        beside = path.with_name(f"{sha}_meta")
        if beside.exists():
            raw = bool(read_json(beside).get("cas_raw"))
        data = _read(path) if raw else unpacked(path)
        if hashlib.sha1(data, usedforsecurity=False).hexdigest() != sha:
            raise Damaged(f"{path} does not hold what its name says")
        return data


class OldRun:
    """A run as its directory tells it."""

    def __init__(self, directory: OldDirectory, flow: str, folder: Path) -> None:
        self.directory = directory
        self.flow = flow
        self.folder = folder
        self.id = folder.name

    def __str__(self) -> str:
        return f"{self.flow}/{self.id}"

    @property
    def order(self) -> tuple[float, str]:
        """When it began; what cannot be read comes last."""
        try:
            return self.created, self.id
        except Damaged:
            return float("inf"), self.id

    @cached_property
    def record(self) -> dict[str, Any]:
        """User and tags. Raises Damaged."""
        return read_json(self.folder / "_meta" / "_self.json")

    @property
    def created(self) -> float:
        """In seconds since the epoch. Raises Damaged."""
        return milliseconds(self.record, self.folder)

    @cached_property
    def parameters(self) -> "OldAttempt | None":
        """What the run began with; None when it did not come so far."""
        tasks = list(self._tasks_of("_parameters"))
        attempts = [attempt for task in tasks for attempt in task.attempts()]
        return attempts[-1] if attempts else None

    def tasks(self) -> list["OldTask"]:
        """Every task, in the order in which they were made."""
        steps = (folder.name for folder in self.folder.iterdir() if folder.is_dir() and folder.name[0] != "_")
        return sorted((task for step in steps for task in self._tasks_of(step)), key=lambda task: task.order)

    def _tasks_of(self, step: str) -> Iterator["OldTask"]:
        folder = self.folder / step
        if folder.is_dir():
            yield from (OldTask(self, step, each) for each in folder.iterdir() if each.name[0] != "_")

    def last_change(self) -> float:
        """When a file of it was written last."""
        return max((path.stat().st_mtime for path in self.folder.rglob("*") if path.is_file()), default=0.0)


class OldTask:
    """A task as its directory tells it."""

    def __init__(self, run: OldRun, step: str, folder: Path) -> None:
        self.run = run
        self.step = step
        self.folder = folder
        self.id = folder.name

    def __str__(self) -> str:
        return f"{self.run}/{self.step}/{self.id}"

    @property
    def order(self) -> tuple[int, str]:
        """Tasks are numbered by the run that makes them."""
        return (int(self.id), "") if self.id.isdigit() else (1 << 62, self.id)

    @cached_property
    def facts(self) -> dict[int, dict[str, tuple[Any, float]]]:
        """What was told about each attempt: name, value, and when. Raises Damaged."""
        found: dict[int, dict[str, tuple[Any, float]]] = {}
        for path in sorted((self.folder / "_meta").glob("sysmeta_*.json")):
            entry = read_json(path)
            number = next((t for t in entry.get("tags", []) if str(t).startswith("attempt_id:")), "attempt_id:0")
            told = found.setdefault(int(number.partition(":")[2] or 0), {})
            told[str(entry.get("field_name"))] = entry.get("value"), milliseconds(entry, path)
        return found

    def attempts(self) -> list["OldAttempt"]:
        """Every attempt, the first one first."""
        names = (path.name.partition(".")[0] for path in self.folder.glob("[0-9]*.*"))
        numbers = {int(name) for name in names if name.isdigit()}
        return [OldAttempt(self, number) for number in sorted(numbers | set(self.facts))]


class OldAttempt:
    """One try at a task."""

    def __init__(self, task: OldTask, number: int) -> None:
        self.task = task
        self.number = number
        self._told = task.facts.get(number, {})

    def told(self, name: str) -> Any:
        """What was told about it under a name; None when nothing was."""
        return self._told.get(name, (None, 0.0))[0]

    def file(self, name: str) -> Path:
        """One of its files."""
        return self.task.folder / f"{self.number}.{name}"

    @property
    def is_done(self) -> bool:
        """Whether it came to an end of which it could tell."""
        return self.file("DONE.lock").exists()

    @property
    def succeeded(self) -> bool | None:
        """Whether it succeeded; None when it did not tell."""
        told = self.told("attempt_ok")
        return None if told is None else str(told) == "True"

    @property
    def started(self) -> float:
        """When it began."""
        path = self.file("attempt.json")
        if path.exists():
            return float(read_json(path).get("time") or 0.0)
        times = [when for _, when in self._told.values()]
        return min(times, default=self.task.run.created)

    @property
    def finished(self) -> float:
        """When it was over, as far as anything tells."""
        return max([when for _, when in self._told.values()], default=self.started)

    @cached_property
    def blobs(self) -> dict[str, Blob]:
        """Its values by name; none when it did not end. Raises Damaged."""
        if not self.is_done:
            return {}
        path = self.file("data.json")
        record = read_json(path)
        objects, infos = record.get("objects"), record.get("info") or {}
        if not isinstance(objects, dict) or not isinstance(infos, dict):
            raise Damaged(f"{path} does not list artifacts")
        odd = [name for name in objects if not name.isidentifier()]
        if odd:
            raise Damaged(f"{path} lists an artifact called {odd[0][:40]!r}")
        return {name: Blob(str(sha), str((infos.get(name) or {}).get("type", ""))) for name, sha in objects.items()}

    def data(self, blob: Blob) -> bytes:
        """A value as it was serialised. Raises Damaged."""
        return self.task.run.directory.blob(self.task.run.flow, blob.sha)

    def value(self, name: str) -> Any:
        """A value that the system itself stored, with stand-ins for objects; None when there is none.

        Raises Damaged.
        """
        blob = self.blobs.get(name)
        if blob is None:
            return None
        try:
            return inert.load(self.data(blob))
        except inert.PICKLE_ERRORS as error:
            raise Damaged(f"{name} of {self.task} cannot be read: {error}") from None


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object. Raises Damaged."""
    try:
        value = json.loads(_read(path))
    except ValueError as error:
        raise Damaged(f"{path} is not JSON: {error}") from None
    if not isinstance(value, dict):
        raise Damaged(f"{path} does not hold a JSON object")
    return value


def milliseconds(record: dict[str, Any], path: Path) -> float:
    """The time of a record in seconds. Raises Damaged."""
    told = record.get("ts_epoch")
    if not isinstance(told, int | float):
        raise Damaged(f"{path} has no time")
    return told / 1000


def unpacked(path: Path) -> bytes:
    """What a gzip file holds. Raises Damaged."""
    try:
        return gzip.decompress(_read(path))
    except (OSError, EOFError, zlib.error) as error:
        raise Damaged(f"{path} cannot be decompressed: {error}") from None


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Damaged(f"{path}: {error.strerror}") from None
