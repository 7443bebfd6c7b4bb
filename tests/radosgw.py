"""A throw-away S3 server on loopback: Ceph's radosgw over an in-memory store, from the packages of Debian and Ubuntu.

Real signatures, ranges, multipart uploads and conditional puts. It has one user; the gateway alone can be killed and
started again, with everything that was stored.
"""

import os
import shutil
import signal
import socket
import subprocess
import time
import uuid
from pathlib import Path
from typing import Any

PACKAGES = ("radosgw", "ceph-mon", "ceph-osd")
ACCESS_KEY, SECRET_KEY = "AKFLAGSTONETESTS", "SKdoNotShowThisToAnybody"
PATIENCE = 120.0  # seconds for the server to come up on a busy machine


class Radosgw:
    """The server in `folder`, which is ready when this is made; `environment` is what a client needs to know."""

    def __init__(self, folder: Path) -> None:
        _install()
        self.folder = folder
        self.port = free_port()
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self.environment = {
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": "us-east-1",
        }
        self._start_storage()
        self.start()

    def start(self) -> None:
        """Start the gateway, and wait until it listens."""
        self._do("radosgw", "-n", "client.rgw.a")
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1.0).close()
            except OSError:
                assert time.monotonic() < deadline, self._log("client.rgw.a")
                time.sleep(0.05)
            else:
                return

    def kill(self) -> None:
        """Kill the gateway with everything it is doing; what was stored stays."""
        self._kill("client.rgw.a")

    def stop(self) -> None:
        """End it all."""
        for name in ("client.rgw.a", "osd.0", "mon.a"):
            self._kill(name)

    def bucket(self, name: str = "") -> str:
        """A new bucket; its name."""
        import boto3.session

        new_session: Any = boto3.session.Session
        name = name or f"b-{uuid.uuid4().hex[:12]}"
        session = new_session(ACCESS_KEY, SECRET_KEY, region_name="us-east-1")
        client = session.client("s3", endpoint_url=self.endpoint)
        client.create_bucket(Bucket=name)
        client.close()
        return name

    def _start_storage(self) -> None:
        for name in ("run", "mon", "osd0", "log", "rgw"):
            (self.folder / name).mkdir()
        monitor, second = free_port(), free_port()
        cluster, disk = str(uuid.uuid4()), str(uuid.uuid4())
        address = f"[v2:127.0.0.1:{monitor},v1:127.0.0.1:{second}]"
        settings = CONF.format(folder=self.folder, cluster=cluster, address=address, port=self.port)
        (self.folder / "ceph.conf").write_text(settings)
        user = ("--setuser", "root", "--setgroup", "root") if os.getuid() == 0 else ()
        monmap = str(self.folder / "monmap")
        self._run("monmaptool", "--create", "--clobber", "--addv", "a", address, "--fsid", cluster, monmap)
        self._do("ceph-mon", "--mkfs", "-i", "a", "--monmap", monmap, *user)
        self._do("ceph-mon", "-i", "a", *user)
        self._do("ceph", "osd", "new", disk)
        self._do("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", disk, *user)
        self._do("ceph-osd", "-i", "0", *user)
        deadline = time.monotonic() + PATIENCE
        while "1 up" not in self._do("ceph", "osd", "stat"):
            assert time.monotonic() < deadline, self._log("osd.0")
            time.sleep(0.1)
        keys = ("--access-key", ACCESS_KEY, "--secret-key", SECRET_KEY)
        self._do("radosgw-admin", "user", "create", "--uid=t", "--display-name=t", *keys)

    def _do(self, program: str, *words: str) -> str:
        return self._run(program, "-c", str(self.folder / "ceph.conf"), *words)

    def _run(self, *words: str) -> str:
        done = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE, check=False, cwd=self.folder)
        assert done.returncode == 0, f"{words} left with {done.returncode}:\n{done.stdout}{done.stderr}"
        return done.stdout

    def _kill(self, name: str) -> None:
        file = self.folder / "run" / f"{name}.pid"
        if not file.exists():
            return
        pid = int(file.read_text())
        file.unlink()
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        deadline = time.monotonic() + PATIENCE
        while _lives(pid) and time.monotonic() < deadline:
            time.sleep(0.02)

    def _log(self, name: str) -> str:
        file = self.folder / "log" / f"{name}.log"
        return file.read_text(errors="replace")[-2000:] if file.exists() else "no log"


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in ("Z", "X")
    except OSError:
        return False


def _install() -> None:
    if all(shutil.which(name) for name in PACKAGES):
        return
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ("install", "-y", "-qq", "--no-install-recommends", *PACKAGES)
    for words in (("update", "-qq"), install):
        subprocess.run(("apt-get", *words), env=environment, capture_output=True, timeout=900, check=True)


CONF = """\
[global]
fsid = {cluster}
mon host = {address}
auth cluster required = none
auth service required = none
auth client required = none
ms mon client mode = crc
public addr = 127.0.0.1
cluster addr = 127.0.0.1
osd pool default size = 1
osd pool default min size = 1
mon allow pool size one = true
osd pool default pg num = 8
osd pool default pgp num = 8
osd pool default pg autoscale mode = off
mon max pg per osd = 1000
osd crush chooseleaf type = 0
osd objectstore = memstore
memstore device bytes = 4294967296
osd class load list = *
osd class default list = *
run dir = {folder}/run
admin socket = {folder}/run/$name.asok
pid file = {folder}/run/$name.pid
log file = {folder}/log/$name.log
mon data = {folder}/mon
osd data = {folder}/osd0
mon cluster log file = {folder}/log/cluster.log
crash dir = {folder}/log
mon data avail crit = 1
mon data avail warn = 2
mon osd initial require min compat client = jewel
paxos propose interval = 0.05
paxos min wait = 0.01
osd mon heartbeat interval = 1
osd client watch timeout = 2
debug rgw = 0
[client.rgw.a]
rgw data = {folder}/rgw
rgw frontends = beast endpoint=127.0.0.1:{port} tcp_nodelay=1
rgw thread pool size = 64
rgw enable usage log = false
rgw enable quota threads = false
rgw run sync thread = false
rgw bucket index max aio = 32
"""
