"""A command that another program started and waits for: takes its parameters, says when the run begins, or why not."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from flagstone.app import settings
from flagstone.dsl.flow import FlowSpec
from flagstone.dsl.given import by_attribute
from flagstone.kit.files import publish
from flagstone.model.driving import ASKED, BEGUN, REFUSED, Asked, Begun, Refused
from flagstone.model.errors import FlagstoneError
from flagstone.model.events import AnyEvent, RunStarted


class Driver:
    """The program that started this command, and the folder through which it is spoken with."""

    def __init__(self, folder: str) -> None:
        self._folder = Path(folder)

    def parameters(self, flow: type[FlowSpec]) -> dict[str, Any]:
        """The parameters that it gave, by attribute. Raises InvalidParameter for a name that the flow does not have."""
        asked = msgspec.json.decode((self._folder / ASKED).read_bytes(), type=Asked)
        return by_attribute(flow, asked.parameters)

    def observer(self) -> "TellBeginning":
        """What tells it that the run has begun."""
        return TellBeginning(self)

    def tell_begun(self, pathspec: str) -> None:
        """Say which run (or task) it is, once it is recorded."""
        self._write(BEGUN, Begun(pathspec, str(settings.load().home)))

    def tell_refused(self, error: FlagstoneError) -> None:
        """Say why there is none."""
        file, line = error.where or ("", 0)
        self._write(
            REFUSED, Refused(type(error).__name__, error.fields, error.message_text, error.hint, str(file), line)
        )

    def _write(self, name: str, answer: Begun | Refused) -> None:
        if self._folder.is_dir():  # else the program has gone, or has given up waiting
            publish(self._folder / name, [msgspec.json.encode(answer, enc_hook=str)], durable=False)


class TellBeginning:
    """An observer that tells a driver which run has begun."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver

    def on(self, event: AnyEvent) -> None:
        """Tell it."""
        if isinstance(event, RunStarted):
            self._driver.tell_begun(str(event.run))

    def tick(self) -> None:
        """Nothing to do."""

    def close(self) -> None:
        """Nothing to do."""


def answering(folder: str, work: Callable[[Driver], int]) -> int:
    """Do the work of a verb, and tell the driver of an error that ends it; returns the exit status."""
    driver = Driver(folder)
    try:
        return work(driver)
    except FlagstoneError as error:
        driver.tell_refused(error)
        raise
