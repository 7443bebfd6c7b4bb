"""Where secrets come from: the environment, files, the flow itself, and a vault that speaks like AWS."""

import json
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from flagstone.model.errors import MissingExtra, SecretUnavailable
from flagstone.model.secrets import Source, source_of
from flagstone.secrets.aws import AwsSecrets
from flagstone.secrets.azure import AzureSecrets
from flagstone.secrets.dotenv import DotenvSecrets
from flagstone.secrets.env import EnvironmentSecrets
from flagstone.secrets.gcp import GcpSecrets
from flagstone.secrets.inline import InlineSecrets
from flagstone.secrets.keyring import KeyringSecrets
from flagstone.secrets.registry import KNOWN, backend_for
from tests.unit.secrets.vault import aws


@pytest.mark.parametrize(
    ("given", "source"),
    [
        ("env.API_KEY", Source("env", "API_KEY")),
        ("aws-secrets-manager.team/db.prod", Source("aws-secrets-manager", "team/db.prod")),
        ("dotenv..env", Source("dotenv", ".env")),
        ("plain", Source("", "plain")),
        ({"type": "inline", "id": "x", "options": {"a": 1}, "role": "r"}, Source("inline", "x", {"a": 1}, "r")),
        ({"id": "x"}, Source("", "x")),
    ],
)
def test_a_source_is_written_as_a_text_or_a_dictionary(given: object, source: Source) -> None:
    assert source_of(given) == source


@pytest.mark.parametrize("given", ["", "env.", 7, {}, {"type": "env", "ident": "x"}, {"type": 7, "id": "x"}])
def test_what_is_no_source_is_refused_in_words(given: object) -> None:
    with pytest.raises(ValueError, match="source"):
        source_of(given)


def test_an_unknown_back_end_is_refused_with_those_there_are() -> None:
    with pytest.raises(SecretUnavailable, match="no back end 'vaultish'") as caught:
        backend_for(Source("vaultish", "x"))

    assert all(name in caught.value.hint for name in KNOWN)


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_an_option_that_a_back_end_does_not_know_is_refused(name: str) -> None:
    with pytest.raises(SecretUnavailable, match="no option 'colour'"):
        backend_for(Source(name, "x")).read(Source(name, "x", {"colour": "red"}), None)


def test_the_environment_gives_a_variable_or_all_that_match(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEAM_KEY", "one")
    monkeypatch.setenv("TEAM_TOKEN", "two")
    read = EnvironmentSecrets().read

    assert read(Source("env", "TEAM_KEY"), None) == {"TEAM_KEY": "one"}
    assert read(Source("env", "TEAM_KEY", {"env_var_name": "KEY"}), None) == {"KEY": "one"}
    assert read(Source("env", "TEAM_*"), None) == {"TEAM_KEY": "one", "TEAM_TOKEN": "two"}
    with pytest.raises(SecretUnavailable, match="TEAM_NAME is not set"):
        read(Source("env", "TEAM_NAME"), None)


DOTENV = """
# what the flow needs
export USER_NAME=ann
PLAIN = a value # and a comment
SINGLE='it''s $HOME #1'
DOUBLE="two\\nlines and \\"quotes\\""
LONG="-----BEGIN
of a key
END-----"
EMPTY=
"""


def test_a_file_gives_its_lines(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text(DOTENV)

    found = DotenvSecrets().read(Source("dotenv", str(file)), None)

    assert found == {
        "USER_NAME": "ann",
        "PLAIN": "a value",
        "SINGLE": "it",
        "DOUBLE": 'two\nlines and "quotes"',
        "LONG": "-----BEGIN\nof a key\nEND-----",
        "EMPTY": "",
    }
    assert DotenvSecrets().read(Source("dotenv", str(file), {"only": ["PLAIN"]}), None) == {"PLAIN": "a value"}


@pytest.mark.parametrize(
    ("text", "options", "word"),
    [("what is this", {}, "line 1"), ('A="open\nB=c', {}, "line 1"), ("A=b", {"only": ["C"]}, "C"), (None, {}, "read")],
)
def test_a_file_that_is_not_right_is_refused(
    tmp_path: Path, text: str | None, options: dict[str, object], word: str
) -> None:
    file = tmp_path / "secrets"
    if text is not None:
        file.write_text(text)

    with pytest.raises(SecretUnavailable, match=word):
        DotenvSecrets().read(Source("dotenv", str(file), options), None)


def test_the_flow_itself_gives_texts() -> None:
    assert InlineSecrets().read(Source("inline", "x", {"env_vars": {"A": "b"}}), None) == {"A": "b"}
    with pytest.raises(SecretUnavailable, match="texts"):
        InlineSecrets().read(Source("inline", "x", {"env_vars": {"A": 1}}), None)


def test_aws_gives_an_object_of_names_and_values_or_one_value(monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = {"team/db": json.dumps({"user": "ann", "port": 5432}), "team/token": "t0ken", "raw": b"\0"}
    credentials = {"AWS_ACCESS_KEY_ID": "OWN", "AWS_SECRET_ACCESS_KEY": "k", "AWS_DEFAULT_REGION": "eu-west-1"}
    for name, value in credentials.items():
        monkeypatch.setenv(name, value)
    read, role = AwsSecrets().read, "arn:aws:iam::1:role/r"

    with aws(secrets) as vault:
        monkeypatch.setenv("AWS_ENDPOINT_URL", vault.address)
        several = read(Source("aws-secrets-manager", "team/db"), None)
        one = read(Source("aws-secrets-manager", "team/token", {"json": False}), None)
        named = read(Source("aws-secrets-manager", "team/token", {"json": False, "env_var_name": "TOKEN"}), role)
        refusals = []
        for source in (Source("a", "team/token"), Source("a", "nothing"), Source("a", "raw")):
            with pytest.raises(SecretUnavailable) as caught:
                read(source, None)
            refusals.append(caught.value.message_text)

    assert (several, one, named) == ({"user": "ann", "port": "5432"}, {"token": "t0ken"}, {"TOKEN": "t0ken"})
    assert vault.roles == [role]
    assert [who for _, who in vault.asked[:3]] == ["OWN", "OWN", "ASSUMED"]
    assert ["not JSON" in refusals[0], "no such secret" in refusals[1], "binary" in refusals[2]] == [True] * 3
    assert "t0ken" not in "".join(refusals)


@pytest.mark.parametrize(
    ("backend", "source", "extra"),
    [
        (GcpSecrets(), Source("gcp-secret-manager", "projects/p/secrets/s"), "flagstone[gcp]"),
        (AzureSecrets(), Source("az-key-vault", "https://v.vault.azure.net/secrets/s"), "flagstone[azure]"),
        (KeyringSecrets(), Source("keyring", "service/name"), "flagstone[keyring]"),
    ],
)
def test_a_back_end_whose_package_is_missing_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, backend: GcpSecrets, source: Source, extra: str
) -> None:
    for module in ("google.cloud.secretmanager", "azure.keyvault.secrets", "azure.identity", "keyring"):
        monkeypatch.setitem(sys.modules, module, None)

    with pytest.raises(MissingExtra) as caught:
        backend.read(source, None)

    assert caught.value.hint == f"pip install {extra}"


@pytest.mark.parametrize(
    ("backend", "name", "role"),
    [
        (GcpSecrets(), "my-secret", None),
        (AzureSecrets(), "my-secret", None),
        (AzureSecrets(), "https://v.vault.azure.net/secrets/s", "somebody"),
        (KeyringSecrets(), "name-alone", None),
    ],
)
def test_an_id_that_cannot_be_one_is_refused_before_anything_is_asked(
    backend: GcpSecrets, name: str, role: str | None
) -> None:
    with pytest.raises(SecretUnavailable):
        backend.read(Source("x", name), role)


class Library(ModuleType):
    """A stand-in for a cloud's library: one client class, and what it was asked."""

    def __init__(self, name: str, values: dict[str, str]) -> None:
        super().__init__(name)
        self.values = values
        self.asked: list[tuple[str, ...]] = []

    def SecretManagerServiceClient(self, credentials: object) -> object:  # noqa: N802 - Google's name
        """Google's client."""
        return self

    def access_secret_version(self, *, name: str) -> SimpleNamespace:
        """Google's call."""
        self.asked.append((name,))
        return SimpleNamespace(payload=SimpleNamespace(data=self.values[name].encode()))

    def SecretClient(self, vault_url: str, credential: object) -> object:  # noqa: N802 - Azure's name
        """Azure's client."""
        self.asked.append((vault_url,))
        return self

    def DefaultAzureCredential(self) -> object:  # noqa: N802 - Azure's name
        """Azure's way to find out who one is."""
        return self

    def get_secret(self, name: str, version: str | None) -> SimpleNamespace:
        """Azure's call."""
        return SimpleNamespace(value=self.values[name])

    def get_password(self, service: str, name: str) -> str | None:
        """The keyring's call."""
        return self.values.get(f"{service}/{name}")


def test_google_azure_and_the_keyring_are_asked_as_their_libraries_want_it(monkeypatch: pytest.MonkeyPatch) -> None:
    path = "projects/p/secrets/my-key/versions/latest"
    library = Library("stand-in", {path: "one", "db": '{"user": "ann"}', "team/me": "three"})
    for module in ("google.cloud.secretmanager", "azure.keyvault.secrets", "azure.identity", "keyring"):
        monkeypatch.setitem(sys.modules, module, library)

    google = GcpSecrets().read(Source("gcp-secret-manager", "projects/p/secrets/my-key"), None)
    azure = AzureSecrets().read(Source("az-key-vault", "https://v.vault.azure.net/secrets/db", {"json": True}), None)
    ring = KeyringSecrets().read(Source("keyring", "team/me", {"env_var_name": "TEAM"}), None)

    assert (google, azure, ring) == ({"my_key": "one"}, {"user": "ann"}, {"TEAM": "three"})
    assert library.asked == [(path,), ("https://v.vault.azure.net",)]
    with pytest.raises(SecretUnavailable, match="Google refuses: KeyError"):
        GcpSecrets().read(Source("gcp-secret-manager", "projects/p/secrets/other"), None)
    with pytest.raises(SecretUnavailable, match="no 'you' of 'team'"):
        KeyringSecrets().read(Source("keyring", "team/you"), None)
