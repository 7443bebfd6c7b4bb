"""Back ends of secrets by name: built in, or installed under the entry-point group `flagstone.secrets`."""

from flagstone.kit import late
from flagstone.model.errors import SecretUnavailable
from flagstone.model.secrets import Source
from flagstone.ports.secrets import SecretBackend

GROUP = "flagstone.secrets"

KNOWN = {
    "inline": "flagstone.secrets.inline:InlineSecrets",
    "env": "flagstone.secrets.env:EnvironmentSecrets",
    "dotenv": "flagstone.secrets.dotenv:DotenvSecrets",
    "keyring": "flagstone.secrets.keyring:KeyringSecrets",
    "aws-secrets-manager": "flagstone.secrets.aws:AwsSecrets",
    "gcp-secret-manager": "flagstone.secrets.gcp:GcpSecrets",
    "az-key-vault": "flagstone.secrets.azure:AzureSecrets",
}


def backend_for(source: Source) -> SecretBackend:
    """The back end of a source. Raises SecretUnavailable, which lists the names."""
    if source.type in KNOWN:
        found: SecretBackend = late.load(KNOWN[source.type])()
        return found
    for entry in late.installed(GROUP, source.type):
        installed: SecretBackend = entry.load()()
        return installed
    names = ", ".join(sorted({*KNOWN, *(entry.name for entry in late.installed(GROUP))}))
    raise SecretUnavailable(
        source=source.text, problem=f"there is no back end {source.type!r}", hint=f"there are {names}"
    )
