"""Secrets in the keyring of the one who is logged in."""

from collections.abc import Mapping

from flagstone.model.secrets import Source
from flagstone.secrets.options import check_options, extra, refuse, variables


class KeyringSecrets:
    """`keyring.service/name`: what `keyring set service name` stored, as the variable `name`."""

    def read(self, source: Source, role: str | None) -> Mapping[str, str]:
        """The password. Raises SecretUnavailable, MissingExtra."""
        check_options(source, ("env_var_name", "json"))
        service, slash, name = source.id.rpartition("/")
        if not slash or not service or not name:
            refuse(source, "its id is service/name")
        keyring = extra("keyring", "keyring")
        try:
            value = keyring.get_password(service, name)
        except Exception as error:  # noqa: BLE001 - each keyring has errors of its own
            refuse(source, f"the keyring refuses: {type(error).__name__}: {error}")
        if value is None:
            refuse(source, f"the keyring has no {name!r} of {service!r}", f"keyring set {service} {name}")
        return variables(source, name, value, several=False)
