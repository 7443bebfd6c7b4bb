"""What lies where in a `.metaflow` directory, and reading it: every file may be damaged, and says so."""

import gzip
import hashlib
import re
import zlib
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from flagstone.app.migration import inert
from flagstone.model.errors import NotFound

_ATTEMPT = "attempt_id:"
_WORD = re.compile(r"\w+")

SKIPPED = frozenset({"data", "mf.cards"})  # beside the flows


class Damaged(Exception):
    """A file of the directory is not what it should be: `str()` says which, and what is wrong."""


class RunRecord(Struct, frozen=True):
    """`_self.json` of a run."""

    ts_epoch: float  # milliseconds
    user_name: str | None = None
    tags: list[str] = []
    system_tags: list[str] = []


class Fact(Struct, frozen=True):
    """`sysmeta_*.json`: something told about an attempt."""

    ts_epoch: float  # milliseconds
    field_name: str
    value: Any = None
    tags: list[str] = []  # attempt_id:0


class Start(Struct, frozen=True):
    """`0.attempt.json`."""

    time: float


class Info(Struct, frozen=True):
    """What is told about a value."""

    type: str = ""


class Values(Struct, frozen=True):
    """`0.data.json`."""

    objects: dict[str, str]
    info: dict[str, Info] = {}


class Beside(Struct, frozen=True):
    """`<sha>_meta`, beside a blob."""

    cas_raw: bool = False  # whether the blob is not compressed


R = TypeVar("R", bound=Struct)


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
            raw = _record(beside, Beside).cas_raw
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
    def record(self) -> RunRecord:
        """User and tags. Raises Damaged."""
        return _record(self.folder / "_meta" / "_self.json", RunRecord)

    @property
    def created(self) -> float:
        """In seconds since the epoch. Raises Damaged."""
        return self.record.ts_epoch / 1000

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
            fact = _record(path, Fact)
            number = next((tag for tag in fact.tags if tag.startswith(_ATTEMPT)), "").removeprefix(_ATTEMPT)
            told = found.setdefault(int(number) if number.isdigit() else 0, {})
            told[fact.field_name] = fact.value, fact.ts_epoch / 1000
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
            return _record(path, Start).time
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
        record = _record(path, Values)
        odd = [text for pair in record.objects.items() for text in pair if not _WORD.fullmatch(text)]
        if odd:
            raise Damaged(f"{path} lists {odd[0][:40]!r}, which is no artifact")
        return {name: Blob(sha, record.info.get(name, Info()).type) for name, sha in record.objects.items()}

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


def _record(path: Path, kind: type[R]) -> R:
    """A file of JSON. Raises Damaged."""
    try:
        return msgspec.json.decode(_read(path), type=kind)
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise Damaged(f"{path} is not what it should be: {error}") from None


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
