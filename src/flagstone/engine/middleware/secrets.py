"""`@secrets`: fetches what a step needs, sets it as variables for the time of the attempt, and hides it for good."""

import os
from collections.abc import Callable, Mapping
from typing import ClassVar

from flagstone.engine.attempt import Attempt, Proceed
from flagstone.engine.middleware.environment import variables
from flagstone.kit import masking
from flagstone.model.declaring import Declaration
from flagstone.model.errors import SecretUnavailable
from flagstone.model.secrets import Secrets, Source

OURS = ("FLAGSTONE_", "METAFLOW_")


class ReadSecrets:
    """Reads before any code of the user's runs. `read` gives the values of a source, and hides them."""

    understands: ClassVar[tuple[type[Declaration], ...]] = (Secrets,)

    def __init__(self, read: Callable[[Source, str | None], Mapping[str, str]]) -> None:
        self._read = read

    def wrap(self, attempt: Attempt, proceed: Proceed) -> None:
        """Read, set, run, put back. Raises SecretUnavailable."""
        said = attempt.step.declared(Secrets)
        if said is None:
            proceed()
            return
        try:
            found = self._gather(said)
        except SecretUnavailable as error:
            error.where = error.where or attempt.step.where
            raise
        for name, value in found.items():
            if 0 < len(value) < masking.SHORTEST:
                attempt.notices.append(f"the secret {name} is too short to be hidden in what tasks print")
        with variables(found):
            proceed()

    def _gather(self, said: Secrets) -> dict[str, str]:
        found: dict[str, str] = {}
        origin: dict[str, Source] = {}
        for source in said.sources:
            for name, value in self._read(source, said.role).items():
                self._check(said, source, name, value, origin.get(name))
                found[name], origin[name] = value, source
        return found

    def _check(self, said: Secrets, source: Source, name: str, value: str, other: Source | None) -> None:
        hint = ""
        if name.startswith(OURS):
            problem = f"it gives {name}, and variables that begin with {' or '.join(OURS)} are not for secrets"
        elif other is not None:
            problem = f"it gives {name}, and so does {other.text}"
        elif os.environ.get(name, value) != value and not said.allow_override:
            problem = f"it gives {name}, which is set already to something else"
            hint = "unset it, or say @secrets(..., allow_override=True)"
        else:
            return
        raise SecretUnavailable(source=source.text, problem=problem, hint=hint)
