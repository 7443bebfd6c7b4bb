"""Which bucket of which server, and with what right: an `s3://` URL and the usual `AWS_*` variables, read once."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct

from flagstone.model.errors import InvalidSetting

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_KEYS = {
    "AWS_ACCESS_KEY_ID": "access_key_id",
    "AWS_SECRET_ACCESS_KEY": "secret_access_key",
    "AWS_SESSION_TOKEN": "session_token",
    "AWS_WEB_IDENTITY_TOKEN_FILE": "web_identity_token_file",
    "AWS_ROLE_ARN": "role_arn",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "container_credentials_relative_uri",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI": "container_credentials_full_uri",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "container_authorization_token_file",
}


class S3Place(Struct, frozen=True):
    """A prefix of a bucket. Its credentials are in no text that is made of it."""

    url: str
    bucket: str
    folder: str  # of the blobs: the prefix and `blobs`
    endpoint: str  # empty: Amazon's, by the region
    region: str
    keys: tuple[tuple[str, str], ...]  # the client's names and values of what gives the right
    allow_http: bool

    def client(self) -> dict[str, Any]:
        """What a client is made of."""
        more = {"endpoint": self.endpoint} if self.endpoint else {}
        options = {"timeout": "180s", "connect_timeout": "5s", "allow_http": self.allow_http}
        return {"bucket": self.bucket, "region": self.region, "client_options": options, **more, **dict(self.keys)}

    def __repr__(self) -> str:
        return f"S3Place({self.url!r}, endpoint={self.endpoint!r})"


def read_place(url: str, environment: Mapping[str, str]) -> S3Place:
    """What `s3://bucket/prefix` and the environment say. Raises InvalidSetting."""
    try:
        parts = urlsplit(url)
        bucket = parts.netloc
    except ValueError:
        parts, bucket = urlsplit(""), ""
    if not bucket or "@" in bucket or parts.query or parts.fragment:
        shown = f"s3://…@{bucket.rpartition('@')[2]}{parts.path}" if "@" in bucket else url
        problem = "keys do not belong here" if "@" in bucket else "s3://bucket or s3://bucket/prefix is expected"
        hint = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and AWS_ENDPOINT_URL for a server of your own"
        raise InvalidSetting(setting="store", value=shown, problem=problem, source="the settings", hint=hint)
    endpoint = (environment.get("AWS_ENDPOINT_URL_S3") or environment.get("AWS_ENDPOINT_URL") or "").rstrip("/")
    prefix = parts.path.strip("/")
    return S3Place(
        url=url,
        bucket=bucket,
        folder=f"{prefix}/blobs" if prefix else "blobs",
        endpoint=endpoint,
        region=environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION") or "us-east-1",
        keys=tuple((own, environment[name]) for name, own in _KEYS.items() if environment.get(name)),
        allow_http=_plain_allowed(endpoint, environment),
    )


def _plain_allowed(endpoint: str, environment: Mapping[str, str]) -> bool:
    """Whether an endpoint without encryption is meant: on this machine, or because it is said."""
    address = urlsplit(endpoint)
    if address.scheme not in ("", "http", "https") or (endpoint and not address.hostname):
        problem = "http://host:port or https://host is expected"
        raise InvalidSetting(setting="AWS_ENDPOINT_URL", value=endpoint, problem=problem, source="the environment")
    if address.scheme != "http":
        return False
    if address.hostname in _LOOPBACK or environment.get("AWS_ALLOW_HTTP", "").lower() in ("true", "1", "yes"):
        return True
    raise InvalidSetting(
        setting="AWS_ENDPOINT_URL",
        value=endpoint,
        problem="it is not encrypted",
        source="the environment",
        hint="use https://, or set AWS_ALLOW_HTTP=true where the network is trusted",
    )
