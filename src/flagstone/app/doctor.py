"""Looks a home over: whether it can be used, whether everything recorded is there and whole, and what was left behind.

Nothing is changed and nothing is unpickled.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import msgspec
from msgspec import Struct

from flagstone.app.settings import Settings
from flagstone.app.workspace import Workspace, open_workspace
from flagstone.kit import clock, text
from flagstone.kit.digest import to_hex
from flagstone.model.artifacts import Artifact, BlobRef, decode_artifact, decode_manifest
from flagstone.model.errors import CorruptBlob, FlagstoneError
from flagstone.model.records import RunQuery, RunRecord, TaskQuery, TaskRecord
from flagstone.model.states import State
from flagstone.store.content import Content

STALE = 24 * 3600.0  # seconds after which a temporary file belongs to nobody
LITTLE_SPACE = 1 << 30  # bytes
NAMED = 5  # of many alike


class Finding(Struct, frozen=True):
    """What one check found: "ok", "warning" (no harm done) or "problem"; `hint` says what to do."""

    check: str
    level: str
    text: str
    hint: str = ""


def examine(settings: Settings) -> Iterator[Finding]:
    """Every check of a home, as each is done; the later ones are left out where an earlier one makes them pointless."""
    if not settings.home.exists():
        yield Finding("home", "ok", f"there is none yet at {settings.home}: the first run creates it")
        return
    yield from _home(settings.home)
    try:
        workspace = open_workspace(settings)
        records = workspace.metadata.problems()
    except FlagstoneError as error:
        yield Finding("records", "problem", error.message_text, error.hint)
        return
    for problem in records[:NAMED]:
        yield Finding(
            "records", "problem", problem, "restore flagstone.db from a backup, or move it away to start afresh"
        )
    if records:
        return
    runs = workspace.metadata.runs(RunQuery())
    yield Finding("records", "ok", f"{text.plural(len(runs), 'run')} recorded, the database is whole")
    yield from _artifacts(workspace, runs)
    yield from _lost(runs)
    yield from _left_behind(settings.home)


# --- the directory ---------------------------------------------------------------------------------------------


def _home(home: Path) -> Iterator[Finding]:
    probe = home / "tmp" / f"doctor-{os.getpid()}"
    try:
        probe.parent.mkdir(mode=0o700, exist_ok=True)
        probe.write_bytes(b"")
        probe.unlink()
        mode = home.stat().st_mode
        space = os.statvfs(home)
    except OSError as error:
        yield Finding("home", "problem", f"{home} cannot be written: {error.strerror}", "mend its permissions")
        return
    yield Finding("home", "ok", f"{home} can be written")
    if mode & 0o077:
        yield Finding("home", "warning", f"others than you can enter {home}", f"chmod 700 {home}")
    free = space.f_bavail * space.f_frsize
    if free < LITTLE_SPACE:
        yield Finding(
            "space", "warning", f"only {text.size(free)} are free on its disk", "make room before the next run"
        )
    else:
        yield Finding("space", "ok", f"{text.size(free)} are free on its disk")


def _left_behind(home: Path) -> Iterator[Finding]:
    stale = []
    for path in (home / "tmp").iterdir():
        try:
            age = clock.now() - path.lstat().st_mtime
        except FileNotFoundError:
            continue  # its owner just removed it
        if age > STALE:
            stale.append(path)
    if stale:
        names = text.listed([path.name for path in sorted(stale)[:NAMED]])
        words = f"{text.plural(len(stale), 'temporary file')} older than a day in {home / 'tmp'}: {names}"
        yield Finding("leftovers", "warning", words, "remove them when no run is under way")
    else:
        yield Finding("leftovers", "ok", "no stale temporary files")


# --- what is recorded ------------------------------------------------------------------------------------------


def _lost(runs: list[RunRecord]) -> Iterator[Finding]:
    lost = [str(run.id) for run in runs if run.state is State.LOST]
    if lost:
        shown = f"{text.listed(lost[:NAMED])}{' and others' if len(lost) > NAMED else ''}"
        words = f"{text.plural(len(lost), 'run')} vanished without a word: {shown}"
        yield Finding("runs", "warning", words, "`python flow.py resume` carries on with the newest one")
    else:
        yield Finding("runs", "ok", "none was lost")


def _artifacts(workspace: Workspace, runs: list[RunRecord]) -> Iterator[Finding]:
    examination = _Examination(workspace)
    for run in reversed(runs):
        examination.run(run)
    for problem in examination.problems[:NAMED]:
        yield Finding("artifacts", "problem", problem, "run the step again: `python flow.py resume STEP`")
    if len(examination.problems) > NAMED:
        yield Finding("artifacts", "problem", f"{len(examination.problems) - NAMED:,} more like these")
    if not examination.problems:
        count = text.plural(len(examination.seen), "blob")
        yield Finding("artifacts", "ok", f"{count} ({text.size(examination.size)}) are there and whole")


class _Examination:
    """Reads every blob that a record refers to, once."""

    def __init__(self, workspace: Workspace) -> None:
        self.problems: list[str] = []
        self.seen: set[bytes] = set()
        self.size = 0
        self._workspace = workspace
        self._content = Content(workspace.blobs)
        self._manifests: set[bytes] = set()

    def run(self, run: RunRecord) -> None:
        """Everything that a run refers to; what it was taken over from another run is met there."""
        self._manifest(f"{run.id}", run.constants)
        for task in self._workspace.metadata.tasks(run.id, TaskQuery(with_manifests=True)):
            self._task(task)

    def _task(self, task: TaskRecord) -> None:
        if task.split is not None and task.split.blob is not None:
            self._blob(f"{task.id} (its foreach)", task.split.blob)
        if task.manifest_digest in self._manifests:
            return
        self._manifests.add(task.manifest_digest)
        manifest = task.manifest
        if not manifest and task.manifest_digest:
            try:
                manifest = self._workspace.artifacts.read_manifest(BlobRef(task.manifest_digest, 0))
            except CorruptBlob as error:
                self.problems.append(f"{task.id}: its list of artifacts: {error.message_text}")
                return
        if manifest:
            self._manifest(str(task.id), manifest)

    def _manifest(self, owner: str, manifest: bytes) -> None:
        try:
            artifacts = {name: decode_artifact(raw) for name, raw in decode_manifest(manifest).artifacts.items()}
        except msgspec.DecodeError as error:
            self.problems.append(f"{owner}: its list of artifacts cannot be read: {error}")
            return
        for name, artifact in artifacts.items():
            for blob in _blobs(artifact):
                self._blob(f"{owner}/{name}", blob)

    def _blob(self, what: str, blob: BlobRef) -> None:
        if blob.digest in self.seen:
            return
        self.seen.add(blob.digest)
        self.size += blob.size
        try:
            whole = self._content.open((blob,), what)
            if not self._content.matches(whole, (blob,)):  # `open` trusts the seal of a large blob
                self.problems.append(f"{what}: blob {to_hex(blob.digest)[:16]} does not hold what was stored")
        except FlagstoneError as error:
            self.problems.append(error.message_text)


def _blobs(artifact: Artifact) -> Iterator[BlobRef]:
    if artifact.blob is not None:
        yield artifact.blob
    for buffer in artifact.buffers:
        yield from buffer
