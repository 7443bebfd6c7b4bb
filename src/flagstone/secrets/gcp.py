"""Secrets in Google Cloud's Secret Manager."""

import re
from collections.abc import Mapping
from typing import Any

from flagstone.model.secrets import Source
from flagstone.secrets.options import check_options, extra, refuse, variables

_NAME = re.compile(r"projects/[^/]+/secrets/(?P<name>[^/]+)(?:/versions/(?P<version>[^/]+))?")
_SCOPE = "https://www.googleapis.com/auth/cloud-platform"


class GcpSecrets:
    """`gcp-secret-manager.projects/P/secrets/NAME`, perhaps with `/versions/3`; one value, or several with `json=True`.

    Options: `json`, `env_var_name`. Credentials are found as Google's libraries find them; `role` is the e-mail address
    of a service account to be.
    """

    def read(self, source: Source, role: str | None) -> Mapping[str, str]:
        """The secret. Raises SecretUnavailable, MissingExtra."""
        check_options(source, ("json", "env_var_name"))
        found = _NAME.fullmatch(source.id)
        if found is None:
            refuse(source, "its id is projects/PROJECT/secrets/NAME, perhaps with /versions/VERSION")
        manager = extra("gcp", "google.cloud.secretmanager")
        version = source.id if found["version"] else f"{source.id}/versions/latest"
        try:
            client = manager.SecretManagerServiceClient(credentials=_credentials(role))
            value = client.access_secret_version(name=version).payload.data.decode("utf-8")
        except UnicodeDecodeError:
            refuse(source, "it is binary, and an environment variable holds a text")
        except Exception as error:  # noqa: BLE001 - Google's libraries raise from several packages
            refuse(source, f"Google refuses: {type(error).__name__}: {error}")
        return variables(source, found["name"], value, several=False)


def _credentials(role: str | None) -> Any:
    """Those of a service account; None leaves it to the library."""
    if role is None:
        return None
    auth, impersonated = extra("gcp", "google.auth"), extra("gcp", "google.auth.impersonated_credentials")
    own, _ = auth.default(scopes=[_SCOPE])
    return impersonated.Credentials(source_credentials=own, target_principal=role, target_scopes=[_SCOPE])
