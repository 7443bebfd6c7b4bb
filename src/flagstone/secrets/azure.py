"""Secrets in Azure Key Vault."""

import re
from collections.abc import Mapping

from flagstone.model.secrets import Source
from flagstone.secrets.options import check_options, extra, refuse, variables

_ADDRESS = re.compile(r"(?P<vault>https://[^/]+)/secrets/(?P<name>[^/]+)(?:/(?P<version>[^/]+))?/?")


class AzureSecrets:
    """`az-key-vault.https://VAULT.vault.azure.net/secrets/NAME`, perhaps with a version; one value, or `json=True`.

    Options: `json`, `env_var_name`. Credentials are found as `DefaultAzureCredential` finds them; there are no roles.
    """

    def read(self, source: Source, role: str | None) -> Mapping[str, str]:
        """The secret. Raises SecretUnavailable, MissingExtra."""
        check_options(source, ("json", "env_var_name"))
        found = _ADDRESS.fullmatch(source.id)
        if found is None:
            refuse(source, "its id is https://VAULT.vault.azure.net/secrets/NAME, perhaps with /VERSION")
        if role is not None:
            refuse(source, "Azure has no role to take on while reading a secret", "leave role out")
        secrets, identity = extra("azure", "azure.keyvault.secrets"), extra("azure", "azure.identity")
        try:
            client = secrets.SecretClient(vault_url=found["vault"], credential=identity.DefaultAzureCredential())
            value = client.get_secret(found["name"], found["version"]).value
        except Exception as error:  # noqa: BLE001 - Azure's libraries raise from several packages
            refuse(source, f"Azure refuses: {type(error).__name__}: {error}")
        return variables(source, found["name"], value or "", several=False)
