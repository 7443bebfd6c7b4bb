"""Where secrets come from: what a back end must do."""

from collections.abc import Mapping
from typing import Protocol

from flagstone.model.secrets import Source


class SecretBackend(Protocol):
    """One kind of place. Made without arguments, in the process that needs the secrets."""

    def read(self, source: Source, role: str | None) -> Mapping[str, str]:
        """The values of a source by the names of environment variables. `role` is whom to be, if anybody.

        Raises SecretUnavailable, MissingExtra; no message holds a value.
        """
