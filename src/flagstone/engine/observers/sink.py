"""Where a display writes: text and raw bytes to one stream, in large pieces, silent once nobody reads it any more."""

import io
from typing import Protocol, TextIO

ENOUGH = 1 << 20  # bytes that may wait for the next flush


class Sink(Protocol):
    """What a display needs of its stream."""

    def text(self, text: str) -> None:
        """Write text, as far as the stream's encoding goes."""

    def raw(self, data: bytes) -> None:
        """Write bytes as they are: what a task printed."""

    def flush(self) -> None:
        """Hand over what waits."""

    def hold(self) -> None:
        """Write nothing until `release`: someone else has the terminal."""

    def release(self) -> None:
        """Write again."""


class StreamSink:
    """A sink on a text stream such as `sys.stdout`.

    A reader that went away (`flow.py run | head`) or a full disk silences it: a run does not fail because nobody
    watches it.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._binary = getattr(stream, "buffer", None)
        self._encoding = getattr(stream, "encoding", None) or "utf-8"
        self._waiting: list[bytes] = []
        self._size = 0
        self._silent = False
        self._held = False

    def hold(self) -> None:
        """Write what waits, then nothing until `release`."""
        self.flush()
        self._held = True

    def release(self) -> None:
        """Write again."""
        self._held = False

    def text(self, text: str) -> None:
        """Write text; what the stream's encoding lacks is written as an escape."""
        self.raw(text.encode(self._encoding, "backslashreplace"))

    def raw(self, data: bytes) -> None:
        """Keep bytes for the next flush, or flush when there are many."""
        if self._silent:
            return
        self._waiting.append(data)
        self._size += len(data)
        if self._size >= ENOUGH:
            self.flush()

    def flush(self) -> None:
        """Write everything that waits."""
        if not self._waiting or self._held:
            return
        data = b"".join(self._waiting)
        self._waiting.clear()
        self._size = 0
        try:
            self._write(data)
        except (OSError, ValueError):
            self._silent = True

    def _write(self, data: bytes) -> None:
        if self._binary is None:
            self._stream.write(data.decode(self._encoding, "replace"))
            self._stream.flush()
            return
        self._stream.flush()
        view = memoryview(data)
        while view:  # an unbuffered stream may take less than it is given
            view = view[self._binary.write(view) or 0 :]
        if isinstance(self._binary, io.BufferedIOBase):
            self._binary.flush()
