"""The helper process of `masking`: passes on what comes through two pipes, with the hidden values as `***`.

It is started as a file with an interpreter that has nothing but the standard library, and imports nothing of ours. Its
arguments are descriptors: the line to the task, the two pipes, the two files. On the line come orders, one JSON object
each; each is answered with one byte once all that was printed before it is written. It ends when the pipes do, which is
when nothing is left that could print.
"""

import contextlib
import json
import os
import re
import select
import socket
import sys
from collections.abc import Sequence

CHUNK = 1 << 16
HIDDEN = b"***"


class Stream:
    """One pipe and the file behind it."""

    def __init__(self, source: int, target: int) -> None:
        self.source = source
        self.target = target
        self.open = True
        self.waiting = b""  # the end of what came, as long as it may be the beginning of a hidden value
        os.set_blocking(source, False)

    def read(self, hidden: "Hidden") -> None:
        """Pass on what there is."""
        while self.open:
            try:
                data = os.read(self.source, CHUNK)
            except BlockingIOError:
                return
            self.open = bool(data)
            self.waiting += data
            keep = hidden.begins_at(self.waiting) if self.open else len(self.waiting)
            self._write(hidden.masked(self.waiting[:keep]))
            self.waiting = self.waiting[keep:]

    def finish(self, hidden: "Hidden") -> None:
        """Pass on what waits."""
        self._write(hidden.masked(self.waiting))
        self.waiting = b""

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        with contextlib.suppress(OSError):  # a full disk: what is printed is lost, as it is without this process
            while view:
                view = view[os.write(self.target, view) :]


class Hidden:
    """The hidden values, as bytes."""

    def __init__(self, values: Sequence[str]) -> None:
        self.values = [value.encode("utf-8", "surrogateescape") for value in values]
        self.longest = max(map(len, self.values), default=0)
        self.pattern = re.compile(b"|".join(map(re.escape, self.values)) or b"(?!)")

    def masked(self, data: bytes) -> bytes:
        """The same without them."""
        return self.pattern.sub(HIDDEN, data)

    def begins_at(self, data: bytes) -> int:
        """From where on the end of `data` may turn out to be a hidden value; its length when it cannot."""
        end = len(data)
        for start in range(max(0, end - self.longest + 1), end):
            tail = data[start:]
            if any(value.startswith(tail) and value != tail for value in self.values):
                end = start
                break
        for found in self.pattern.finditer(data):
            if found.start() < end < found.end():
                return found.start()
        return end


def serve(line: socket.socket, streams: Sequence[Stream]) -> None:
    """Pass on until the pipes end."""
    hidden, orders, listening = Hidden(()), b"", True
    while any(stream.open for stream in streams):
        waiting: list[int] = [stream.source for stream in streams if stream.open]
        ready, _, _ = select.select([*waiting, *([line.fileno()] if listening else [])], [], [])
        for stream in streams:
            if stream.source in ready:
                stream.read(hidden)
        if line.fileno() not in ready:
            continue
        data = line.recv(CHUNK)
        listening = bool(data)
        orders += data
        while b"\n" in orders:
            order, _, orders = orders.partition(b"\n")
            for stream in streams:
                stream.read(hidden)
                stream.finish(hidden)
            hidden = Hidden(json.loads(order).get("hide") or ()) if "hide" in json.loads(order) else hidden
            line.sendall(b".")
    for stream in streams:
        stream.finish(hidden)


if __name__ == "__main__":
    own, *ends = map(int, sys.argv[1:])
    serve(socket.socket(fileno=own), [Stream(ends[0], ends[2]), Stream(ends[1], ends[3])])
