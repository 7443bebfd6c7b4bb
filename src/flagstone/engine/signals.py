"""Ctrl-C and SIGTERM as calls of a function."""

import signal
from collections.abc import Callable
from types import FrameType
from typing import Any


class Signals:
    """SIGINT and SIGTERM call a function, between two steps of the loop; only the main thread may have them."""

    def __init__(self, interrupt: Callable[[int], None]) -> None:
        self._interrupt = interrupt
        self._before: dict[int, Any] = {}

    def __enter__(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            try:
                self._before[number] = signal.signal(number, self._on_signal)
            except ValueError:  # not in the main thread: whoever runs it there handles signals
                return

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        self._interrupt(number)
