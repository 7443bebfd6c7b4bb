"""The output of tasks as files: `<Flow>/<run>/<slot>.out` and `.err`, of which an attempt's output is a range."""

from collections.abc import Callable
from pathlib import Path

from flagstone.kit import clock
from flagstone.model.errors import UnusableHome
from flagstone.model.ids import RunId
from flagstone.model.jobs import LogSpan
from flagstone.store.scrubs import Scrub, overwrite, remember, remembered


class DirectoryLogStore:
    """Reads, and on request masks, what tasks wrote below `root`. A file that is not there (yet) reads as empty."""

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

    def scrub(
        self,
        run: RunId,
        span: LogSpan,
        stream: str,
        mask: Callable[[bytes], bytes],
        *,
        user: str,
        matches: bool = False,
    ) -> int:
        """Overwrite an attempt's lines with what `mask` makes of each, and note it; how many bytes changed.

        The length of a line never changes, since the file is shared with other tasks. Raises UnusableHome.
        """
        path, start, _ = self._where(run, span, stream)
        end = start + self.size(run, span, stream)
        scrub = Scrub(path.name, start, end, clock.now(), user, matches)
        return overwrite(path, start, end, mask, before=lambda: remember(path.parent, scrub))

    def scrubbed(self, run: RunId, span: LogSpan, stream: str) -> Scrub | None:
        """The newest scrub of an attempt's output; None when it is as it was printed."""
        path, start, end = self._where(run, span, stream)
        for scrub in reversed(remembered(path.parent)):
            if scrub.file == path.name and scrub.end > start and (end < 0 or scrub.start < end):
                return scrub
        return None

    def _where(self, run: RunId, span: LogSpan, stream: str) -> tuple[Path, int, int]:
        folder = self._root / run.flow / str(run.number)
        if stream == "stdout":
            return folder / span.stdout, span.stdout_start, span.stdout_end
        return folder / span.stderr, span.stderr_start, span.stderr_end
