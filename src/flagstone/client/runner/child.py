"""A flow's command line as a process of ours: started, watched, heard, and ended without leaving anything behind."""

import contextlib
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import weakref
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import Struct

from flagstone.model import errors
from flagstone.model.driving import ASKED, BEGUN, REFUSED, Begun, Refused
from flagstone.model.errors import FlagstoneError, Location, NotStarted

T = TypeVar("T", Begun, Refused)

POLL = 0.004  # seconds between two looks whether the run has begun
PATIENCE = 45.0  # seconds between asking a run to stop and killing it: its tasks have five of them
LAST_WORDS = 2000  # characters of what a process said that ended before its run began


class Launch(Struct, frozen=True):
    """What is started, and how."""

    words: Sequence[str]
    asked: bytes
    environment: Mapping[str, str]
    folder: str | None


class Log:
    """One stream of a process: a file without a name, which the process appends to and which is read by position."""

    def __init__(self) -> None:
        self.file = tempfile.TemporaryFile("a+b", buffering=0)  # noqa: SIM115 - open as long as someone may read it
        self._lock = threading.Lock()
        weakref.finalize(self, self.file.close)

    def read(self, position: int, size: int = -1) -> bytes:
        """What there is from `position` on."""
        with self._lock:
            self.file.seek(position)
            return self.file.read(size) or b""

    @property
    def text(self) -> str:
        """All of it so far."""
        return self.read(0).decode("utf-8", "replace")


class Child:
    """A process. `told` is set once its run has begun or it is over, `over` once it is gone."""

    def __init__(self, launch: Launch) -> None:
        self.logs = {"stdout": Log(), "stderr": Log()}
        self.told = threading.Event()
        self.over = threading.Event()
        self.begun: Begun | None = None
        self._refused: Refused | None = None
        self._listeners: list[Callable[[], None]] = []
        self._lock = threading.Lock()
        self._folder = Path(tempfile.mkdtemp(prefix="flagstone-runner-"))
        (self._folder / ASKED).write_bytes(launch.asked)
        try:
            # A process group of its own: Ctrl-C reaches this process alone, which passes it on once.
            self._process = subprocess.Popen(
                [*launch.words, "--runner-folder", str(self._folder)],
                env=dict(launch.environment),
                cwd=launch.folder,
                stdin=subprocess.DEVNULL,
                stdout=self.logs["stdout"].file,
                stderr=self.logs["stderr"].file,
                process_group=0 if sys.platform != "win32" else None,
            )
        except OSError as error:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise NotStarted(problem=f"{launch.words[0]} cannot be started: {error}") from None
        threading.Thread(target=self._watch, name="flagstone-runner", daemon=True).start()

    def _watch(self) -> None:
        while self._process.poll() is None and not self._look():
            time.sleep(POLL)
        self._process.wait()
        self._look()
        shutil.rmtree(self._folder, ignore_errors=True)
        self.over.set()
        self._tell()

    def _look(self) -> bool:
        """Whether the process has said by now what became of its run."""
        if self.begun is None and self._refused is None:
            self.begun = _read(self._folder / BEGUN, Begun)
            self._refused = _read(self._folder / REFUSED, Refused)
        if self.begun is not None and not self.told.is_set():
            self._tell()
        return self.begun is not None

    def _tell(self) -> None:
        self.told.set()
        with self._lock:
            listeners = list(self._listeners)
        for listener in listeners:
            listener()

    def listen(self, listener: Callable[[], None]) -> None:
        """Call `listener`, in another thread, when `told` or `over` is set."""
        with self._lock:
            self._listeners.append(listener)

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    @property
    def status(self) -> int | None:
        """Its exit status; None while it lives."""
        return self._process.returncode if self.over.is_set() else None

    def complaint(self) -> FlagstoneError:
        """Why no run began, as the error that the process ended with or, if it had none of ours, with its words."""
        refused = self._refused
        if refused is not None:
            where = Location(refused.file, refused.line) if refused.file else None
            kind = getattr(errors, refused.kind, None)
            if isinstance(kind, type) and issubclass(kind, FlagstoneError):
                with contextlib.suppress(KeyError, IndexError, ValueError):  # a field that JSON could not carry
                    return kind(where=where, **refused.fields)
            return NotStarted(problem=refused.text, hint=refused.hint, where=where)
        words = self.logs["stderr"].text.strip() or self.logs["stdout"].text.strip()
        said = words[-LAST_WORDS:] or "it said nothing"
        return NotStarted(problem=f"the flow's process left with exit status {self._process.returncode}:\n{said}")

    # --- ending it -------------------------------------------------------------------------------------------

    def stop(self) -> None:
        """Ask the run to stop: its tasks get a few seconds and it is recorded as cancelled. A second call makes it."""
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGTERM)

    def join(self) -> None:
        """Wait until a process that was asked to stop is gone, and kill it if it does not go: its tasks end with it."""
        if not self.over.wait(PATIENCE):
            self._process.kill()
            self.over.wait()

    def end(self) -> None:
        """Stop it, and wait until it is gone."""
        self.stop()
        self.join()


def _read(path: Path, kind: type[T]) -> T | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except FileNotFoundError:
        return None
