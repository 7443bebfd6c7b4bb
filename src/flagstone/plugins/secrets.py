"""Secrets as values, under the name that Metaflow gives them."""

from typing import Any, NoReturn

from flagstone.dsl.complaint import user_location
from flagstone.model.errors import NotHere


def get_secret(source: Any, role: str | None = None) -> NoReturn:
    """Would ask a manager of secrets. Raises NotHere."""
    del role
    raise NotHere(
        what="get_secret",
        problem=f"would ask a manager of secrets for {source!r}, and this version reaches none",
        hint="put it in the environment, and read it with os.environ",
        where=user_location(),
    )
