"""The output of tasks in memory: read from files as long as they are written, and kept when the files go."""

from pathlib import Path

from flagstone.model.ids import RunId
from flagstone.model.jobs import LogSpan
from flagstone.store.logs import DirectoryLogStore


class KeptLogStore(DirectoryLogStore):
    """A log store on a folder that somebody else will remove; call `keep` before."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self._kept: dict[Path, bytes] | None = None

    def keep(self) -> None:
        """Take everything into memory; from now on the files are not looked at."""
        self._kept = {path: path.read_bytes() for path in self._root.rglob("*") if path.is_file()}

    def read(self, run: RunId, span: LogSpan, stream: str, offset: int = 0, length: int | None = None) -> bytes:
        """Bytes of "stdout" or "stderr" of an attempt from `offset`, as many as there are, or at most `length`."""
        if self._kept is None:
            return super().read(run, span, stream, offset, length)
        path, start, end = self._where(run, span, stream)
        data = self._kept.get(path, b"")[start : end if end >= 0 else None][offset:]
        return data if length is None else data[:length]

    def size(self, run: RunId, span: LogSpan, stream: str) -> int:
        """How many bytes there are."""
        return super().size(run, span, stream) if self._kept is None else len(self.read(run, span, stream))
