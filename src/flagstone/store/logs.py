"""The output of tasks as files: `<Flow>/<run>/<slot>.out` and `.err`, of which an attempt's output is a range."""

from pathlib import Path

from flagstone.model.errors import UnusableHome
from flagstone.model.ids import RunId
from flagstone.model.jobs import LogSpan


class DirectoryLogStore:
    """Reads what tasks wrote below `root`. A file that is not there (yet) reads as empty."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def read(self, run: RunId, span: LogSpan, stream: str, offset: int = 0, length: int | None = None) -> bytes:
        """Bytes of "stdout" or "stderr" of an attempt from `offset`, as many as there are, or at most `length`.

        Raises UnusableHome.
        """
        path, start, end = self._where(run, span, stream)
        position = start + offset
        count = -1 if end < 0 else max(end - position, 0)
        if length is not None:
            count = length if count < 0 else min(count, length)
        try:
            with path.open("rb") as file:
                file.seek(position)
                return file.read(count)
        except FileNotFoundError:
            return b""
        except OSError as error:
            raise UnusableHome(path=str(path), problem=error.strerror or str(error)) from error

    def size(self, run: RunId, span: LogSpan, stream: str) -> int:
        """How many bytes there are by now. Raises UnusableHome."""
        path, start, end = self._where(run, span, stream)
        try:
            there = path.stat().st_size
        except FileNotFoundError:
            return 0
        except OSError as error:
            raise UnusableHome(path=str(path), problem=error.strerror or str(error)) from error
        return max((there if end < 0 else min(end, there)) - start, 0)

    def _where(self, run: RunId, span: LogSpan, stream: str) -> tuple[Path, int, int]:
        folder = self._root / run.flow / str(run.number)
        if stream == "stdout":
            return folder / span.stdout, span.stdout_start, span.stdout_end
        return folder / span.stderr, span.stderr_start, span.stderr_end
