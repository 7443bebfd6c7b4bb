"""One descriptor that turns readable whenever any of many channels and processes has something to say."""

import selectors
from collections.abc import Callable

from flagstone.kit.frames import Channel

_READ, _BOTH = selectors.EVENT_READ, selectors.EVENT_READ | selectors.EVENT_WRITE


class Switchboard:
    """Calls whoever listens to what has something to say."""

    def __init__(self) -> None:
        self._opened: selectors.BaseSelector | None = None

    @property
    def _selector(self) -> selectors.BaseSelector:
        """Opened when it is first needed, which is after the fork of the zygote."""
        if self._opened is None:
            self._opened = selectors.DefaultSelector()
        return self._opened

    def fileno(self) -> int:
        """The descriptor that stands for all."""
        return int(getattr(self._selector, "fileno", lambda: -1)())  # typeshed knows it only for some systems

    def add(self, fd: int, hear: Callable[[], None]) -> None:
        """Call `hear` when `fd` is readable."""
        self._selector.register(fd, _READ, hear)

    def add_channel(self, channel: Channel, hear: Callable[[], None]) -> None:
        """Call `hear` when something has arrived, and send what waits when there is room."""

        def attend() -> None:
            if channel.waits:
                channel.flush()
                self._settle(channel)
            hear()

        self._selector.register(channel.fd, _READ, attend)

    def send(self, channel: Channel, message: bytes) -> None:
        """Send `message` on a channel that was added, now or as soon as there is room."""
        waited = channel.waits
        channel.send(message)
        if channel.waits != waited:
            self._settle(channel)

    def remove(self, fd: int) -> None:
        """Listen no longer; harmless when nobody did."""
        if fd in (self._selector.get_map() or ()):
            self._selector.unregister(fd)

    def listen(self) -> None:
        """Hear everyone who has something to say now, without waiting."""
        for key, _ in self._selector.select(0):
            key.data()

    def close(self) -> None:
        """Give the descriptor back."""
        if self._opened is not None:
            self._opened.close()

    def _settle(self, channel: Channel) -> None:
        data = self._selector.get_key(channel.fd).data
        self._selector.modify(channel.fd, _BOTH if channel.waits else _READ, data)
