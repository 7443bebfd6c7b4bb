"""Reads sources of secrets, in the process that needs them; what was read is hidden from then on."""

from collections.abc import Mapping
from typing import Any

from flagstone.dsl.complaint import user_location
from flagstone.kit import late, masking
from flagstone.model.errors import SecretUnavailable
from flagstone.model.secrets import Source, source_of
from flagstone.secrets.registry import backend_for


def get_secret(source: str | Mapping[str, Any], role: str | None = None) -> dict[str, str]:
    """The values of one source by name: `"backend.id"`, or `{"type": ..., "id": ..., "options": ..., "role": ...}`.

    From then on this process and what it starts print them as `***`. Raises SecretUnavailable, MissingExtra.
    """
    try:
        return read(source_of(source), role)
    except ValueError as error:
        shown = source if isinstance(source, str) else "get_secret({...})"
        raise SecretUnavailable(source=shown, problem=str(error), where=user_location()) from None
    except SecretUnavailable as error:
        error.where = error.where or user_location()
        raise


def read(source: Source, role: str | None) -> dict[str, str]:
    """The values of a source; the settings say what neither it nor `role` says. Raises SecretUnavailable."""
    role = source.role or role
    if not source.type or role is None:
        settings = late.resolve("settings")()
        role = role or settings.default_secrets_role
        source = Source(source.type or settings.default_secrets_backend_type or "", source.id, source.options, role)
    if not source.type:
        raise SecretUnavailable(
            source=source.id,
            problem="it names no back end",
            hint="write backend.id, as in env.API_KEY, or set FLAGSTONE_DEFAULT_SECRETS_BACKEND_TYPE",
        )
    found = dict(backend_for(source).read(source, role))
    masking.hide(found.values())
    return found
