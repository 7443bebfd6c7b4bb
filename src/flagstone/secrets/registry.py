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
    make = late.registered(source.type, KNOWN, GROUP)
    if make is None:
        hint = f"there are {', '.join(late.registered_names(KNOWN, GROUP))}"
        problem = f"there is no back end {source.type!r}"
        raise SecretUnavailable(source=source.text, problem=problem, hint=hint)
    found: SecretBackend = make()
    return found
