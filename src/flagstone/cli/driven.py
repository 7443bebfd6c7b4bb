"""A command that another program started and waits for: takes its parameters, says when the run begins, or why not."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from flagstone.app import settings
from flagstone.app.spin_area import area_of
from flagstone.dsl.flow import FlowSpec
from flagstone.dsl.given import by_attribute
from flagstone.kit.files import publish
from flagstone.model.driving import ASKED, BEGUN, REFUSED, Asked, Begun, Refused
from flagstone.model.errors import FlagstoneError
from flagstone.model.events import AnyEvent, Notice, RunStarted, TaskStarted
from flagstone.model.ids import RunId


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
        return TellBeginning(self, settings.load().home)

    def observer_of_spin(self, *, persist: bool) -> "TellBeginning":
        """What tells it that the task of a spin has begun."""
        home = settings.load().home
        return TellBeginning(self, home if persist else area_of(home), task=True)

    def tell_begun(self, pathspec: str, home: Path) -> None:
        """Say which run or task it is, and where it is recorded."""
        self._write(BEGUN, Begun(pathspec, str(home)))

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
    """An observer that tells a driver which run has begun or, of a single `task`, which task.

    A run is told of once its loop goes round: whoever stops it from then on finds it ready to be stopped.
    """

    def __init__(self, driver: Driver, home: Path, *, task: bool = False) -> None:
        self._driver = driver
        self._home = home
        self._task = task
        self._run: RunId | None = None
        self._told = False

    def on(self, event: AnyEvent) -> None:
        """Tell it."""
        if isinstance(event, RunStarted):
            self._run = event.run
        elif self._told or isinstance(event, Notice):
            return
        elif not self._task:
            self._tell(str(self._run))
        elif isinstance(event, TaskStarted):
            self._tell(f"{self._run}/{event.step}/{event.number}")

    def _tell(self, pathspec: str) -> None:
        self._told = True
        self._driver.tell_begun(pathspec, self._home)

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
