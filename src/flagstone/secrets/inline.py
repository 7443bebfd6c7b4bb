"""Secrets that stand in the flow itself: for tests of flows that have some."""

from collections.abc import Mapping

from flagstone.model.secrets import Source
from flagstone.secrets.options import check_options, refuse


class InlineSecrets:
    """`{"type": "inline", "id": "any", "options": {"env_vars": {"NAME": "value"}}}`."""

    def read(self, source: Source, role: str | None) -> Mapping[str, str]:
        """What the options say. Raises SecretUnavailable."""
        check_options(source, ("env_vars",))
        given = source.options.get("env_vars", {})
        if not isinstance(given, Mapping) or not all(isinstance(value, str) for value in given.values()):
            refuse(source, "its option env_vars is a dictionary of names and texts")
        return dict(given)
