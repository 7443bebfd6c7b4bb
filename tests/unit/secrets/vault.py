"""A vault in this process that speaks like AWS: Secrets Manager and the token service, over HTTP on a local port."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

ASSUMED = """<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
<AccessKeyId>ASSUMED</AccessKeyId><SecretAccessKey>k</SecretAccessKey><SessionToken>t</SessionToken>
<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"""


class Vault:
    """What it holds, and what it was asked."""

    def __init__(self, secrets: dict[str, Any]) -> None:
        self.secrets = secrets
        self.asked: list[tuple[str, str]] = []  # which secret, and as whom
        self.roles: list[str] = []
        self.address = ""


@contextmanager
def aws(secrets: dict[str, Any]) -> Iterator[Vault]:
    """Serve these secrets by name: a text, or bytes for a binary one."""
    vault = Vault(secrets)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("X-Amz-Target") == "secretsmanager.GetSecretValue":
                self._secret(json.loads(body)["SecretId"])
            else:
                vault.roles.append(parse_qs(body.decode())["RoleArn"][0])
                self._answer(200, ASSUMED, "text/xml")

        def _secret(self, name: str) -> None:
            key = self.headers["Authorization"].partition("Credential=")[2].partition("/")[0]
            vault.asked.append((name, key))
            if name not in vault.secrets:
                self._answer(400, json.dumps({"__type": "ResourceNotFoundException", "message": "no such secret"}))
            elif isinstance(vault.secrets[name], bytes):
                self._answer(200, json.dumps({"Name": name, "SecretBinary": "AAEC"}))
            else:
                self._answer(200, json.dumps({"Name": name, "SecretString": vault.secrets[name]}))

        def _answer(self, status: int, text: str, kind: str = "application/x-amz-json-1.1") -> None:
            data = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the library's
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    vault.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield vault
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
