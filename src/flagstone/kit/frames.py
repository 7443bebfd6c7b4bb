"""Whole messages over a pair of local sockets: in order, none lost while both ends live, however large they are.

A message travels as packets of at most `PACKET` bytes; the first byte of each says whether it begins a message and
whether it ends one. So a reader that joins after a crash of another one skips the rest of a message that is torn.
"""

import os
import socket
import sys
from collections import deque
from typing import Final

PACKET: Final = 160 * 1024  # what a local packet socket takes everywhere with the buffers asked for below

_BUFFER = 1 << 20
_FIRST, _LAST = 1, 2
_space = bytearray(PACKET + 1)  # packets land here: no large allocation a packet
_view = memoryview(_space)


def pair() -> tuple[int, int]:
    """Descriptors of two connected sockets that keep packet boundaries; both block, and are closed by an exec."""
    kind = socket.SOCK_SEQPACKET if sys.platform == "linux" else socket.SOCK_DGRAM
    ends = socket.socketpair(socket.AF_UNIX, kind)
    for end in ends:
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER)
        end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
    return ends[0].detach(), ends[1].detach()


def send(fd: int, message: bytes) -> None:
    """Send all of `message`, waiting for room. Raises OSError when nobody is there any more."""
    for packet in _packets(message):
        os.writev(fd, packet)


def receive(fd: int) -> bytes | None:
    """Wait for the next whole message; None at the end of the stream. Raises BlockingIOError on a non-blocking end."""
    parts: list[bytes] = []
    while True:
        count = _read(fd)
        if count == 0:
            return None
        if _space[0] & _FIRST:
            parts.clear()
        elif not parts:
            continue
        parts.append(bytes(_view[1:count]))
        if _space[0] & _LAST:
            return parts[0] if len(parts) == 1 else b"".join(parts)


def _read(fd: int) -> int:
    try:
        return os.readv(fd, (_space,))
    except ConnectionResetError:  # the other end was closed with unread packets
        return 0


def _packets(message: bytes) -> list[tuple[bytes, bytes | memoryview]]:
    if len(message) <= PACKET:
        return [(b"\3", message)]
    view = memoryview(message)
    last = (len(message) - 1) // PACKET
    flags = (bytes(((_FIRST if i == 0 else 0) | (_LAST if i == last else 0),)) for i in range(last + 1))
    return [(flag, view[i * PACKET : (i + 1) * PACKET]) for i, flag in enumerate(flags)]


class Channel:
    """One end that never blocks: what cannot be sent yet waits here until `flush`."""

    __slots__ = ("_outbox", "_parts", "closed", "fd")

    def __init__(self, fd: int) -> None:
        os.set_blocking(fd, False)
        self.fd = fd
        self.closed = False  # the other end is gone
        self._outbox: deque[tuple[bytes, bytes | memoryview]] = deque()
        self._parts: list[bytes] = []

    @property
    def waits(self) -> bool:
        """Whether something still has to be sent; ask the system when the end is writable, then `flush`."""
        return bool(self._outbox)

    def send(self, message: bytes) -> None:
        """Send `message`, or as much of it as fits now."""
        if not self._outbox and len(message) <= PACKET:
            try:
                os.writev(self.fd, (b"\3", message))
            except BlockingIOError:
                pass
            except OSError:
                self.closed = True
                return
            else:
                return
        self._outbox.extend(_packets(message))
        self.flush()

    def flush(self) -> None:
        """Send what waits, as far as it fits."""
        while self._outbox:
            try:
                os.writev(self.fd, self._outbox[0])
            except BlockingIOError:
                return
            except OSError:
                self.closed = True
                self._outbox.clear()
                return
            self._outbox.popleft()

    def forget(self) -> None:
        """Drop what waits to be sent: the reader that it was meant for is gone."""
        self._outbox.clear()

    def receive(self) -> list[bytes]:
        """Every whole message that has arrived; `closed` tells when there will be no more."""
        messages: list[bytes] = []
        while not self.closed:
            try:
                count = _read(self.fd)
            except BlockingIOError:
                break
            if count == 0:
                self.closed = True
            elif _space[0] == _FIRST | _LAST:
                self._parts.clear()
                messages.append(bytes(_view[1:count]))
            else:
                self._take(_space[0], bytes(_view[1:count]), messages)
        return messages

    def _take(self, flags: int, part: bytes, messages: list[bytes]) -> None:
        if flags & _FIRST:
            self._parts.clear()
        elif not self._parts:
            return
        self._parts.append(part)
        if flags & _LAST:
            messages.append(b"".join(self._parts))
            self._parts.clear()

    def close(self) -> None:
        """Give the descriptor back; harmless when that was done."""
        if self.fd >= 0:
            os.close(self.fd)
        self.fd = -1
        self.closed = True
        self._outbox.clear()
