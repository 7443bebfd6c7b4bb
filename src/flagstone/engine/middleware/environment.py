"""`@environment`: variables for the time of one attempt, and no longer in a process that runs several."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import ClassVar

from flagstone.engine.attempt import Attempt, Proceed
from flagstone.model.declarations import Environment
from flagstone.model.declaring import Declaration


class SetEnvironment:
    """Sets what a step declares, before any code of the user's runs."""

    understands: ClassVar[tuple[type[Declaration], ...]] = (Environment,)

    def wrap(self, attempt: Attempt, proceed: Proceed) -> None:
        """Set, run, put back."""
        said = attempt.step.declared(Environment)
        if said is None:
            proceed()
            return
        with variables(said.vars):
            proceed()


@contextmanager
def variables(values: Mapping[str, str]) -> Iterator[None]:
    """Environment variables for a while."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
