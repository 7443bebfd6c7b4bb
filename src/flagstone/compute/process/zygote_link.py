"""The engine's line to the zygote: orders go down, births and deaths come up."""

import os
import select
import signal
from collections.abc import Callable

from flagstone.compute.process import wire, zygote
from flagstone.compute.process.board import Board
from flagstone.compute.process.switchboard import Switchboard
from flagstone.kit import frames
from flagstone.kit.processes import describe_exit
from flagstone.ports.compute import TaskRunner


class ZygoteLink:
    """A zygote that was forked from this process, one socket for orders and one for each slot's reports."""

    def __init__(self, runner: TaskRunner, slots: int, switchboard: Switchboard) -> None:
        self.board = Board(slots)
        pairs = [frames.pair() for _ in range(slots + 1)]
        self.pid = zygote.boot(runner, pairs, self.board)
        self._switchboard = switchboard
        self._orders, *self.links = (frames.Channel(end) for end, _ in pairs)
        self.exit = ""  # how it ended

    def listen(self, hear: Callable[[wire.Born | wire.Gone], None], lost: Callable[[], None]) -> None:
        """Call `hear` with all that the zygote tells, and `lost` once when it is gone."""

        def attend() -> None:
            for message in self._orders.receive():
                hear(wire.decode_news(message))
            if self._orders.closed:
                self._bury()
                lost()

        self.attend = attend
        self._switchboard.add_channel(self._orders, attend)

    def order(self, command: wire.Prepare | wire.Fork | wire.Hire | wire.Signal | wire.Preload) -> None:
        """Send an order; what the zygote cannot take now waits."""
        self._switchboard.send(self._orders, wire.encode(command))

    def close(self, patience: float) -> None:
        """Let the zygote kill all that it forked, and itself; after `patience` seconds it is killed."""
        if self.pid:
            self._orders.forget()
            self._orders.send(wire.encode(wire.Quit()))
            process = os.pidfd_open(self.pid)
            poll = select.poll()
            poll.register(process, select.POLLIN)
            if not poll.poll(patience * 1000):
                signal.pidfd_send_signal(process, signal.SIGKILL)
            os.close(process)
            self._bury()
        for link in self.links:
            self._switchboard.remove(link.fd)
            link.close()
        self.board.close()

    def _bury(self) -> None:
        self._switchboard.remove(self._orders.fd)
        self._orders.close()
        _, status = os.waitpid(self.pid, 0)
        self.exit = describe_exit(os.waitstatus_to_exitcode(status))
        self.pid = 0
