"""Secrets that are in the environment already: required, and hidden."""

import os
from collections.abc import Mapping
from fnmatch import fnmatchcase

from flagstone.model.secrets import Source
from flagstone.secrets.options import check_options, refuse, variables


class EnvironmentSecrets:
    """`env.API_KEY`, or all variables that match: `env.AWS_*`. The option `env_var_name` gives another name."""

    def read(self, source: Source, role: str | None) -> Mapping[str, str]:
        """The variables. Raises SecretUnavailable when there is none."""
        check_options(source, ("env_var_name", "json"))
        if "*" in source.id:
            found = {name: value for name, value in os.environ.items() if fnmatchcase(name, source.id)}
            return found or refuse(source, "no environment variable matches")
        value = os.environ.get(source.id)
        if value is None:
            refuse(source, f"the environment variable {source.id} is not set", f"export {source.id}=... and run again")
        return variables(source, source.id, value, several=False)
