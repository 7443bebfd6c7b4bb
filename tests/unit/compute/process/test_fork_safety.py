"""What a module may leave behind and still be forked, and what not."""

import json
import subprocess
import sys

import pytest

REPORT = "\nimport json; from flagstone.compute.process.fork_safety import reasons; print(json.dumps(reasons()))"


def reasons_after(module: str) -> list[str]:
    """What a fresh process says after it ran `module`."""
    command = [sys.executable, "-c", module + REPORT]
    output = subprocess.run(command, check=True, capture_output=True, timeout=120).stdout
    reasons: list[str] = json.loads(output.splitlines()[-1])
    return reasons


def test_a_module_that_does_nothing_may_be_forked() -> None:
    assert reasons_after("") == []


def test_a_file_and_a_listening_socket_may_be_inherited() -> None:
    module = "import socket; s = socket.create_server(('127.0.0.1', 0)); f = open('/dev/null')"

    assert reasons_after(module) == []


def test_a_thread_is_named() -> None:
    module = "import threading; threading.Thread(target=threading.Event().wait, name='ticker', daemon=True).start()"

    assert reasons_after(module) == ["1 thread running (ticker)"]


def test_a_pool_that_was_used_is_detected_and_shortened() -> None:
    module = """
from concurrent.futures import ThreadPoolExecutor
import time, atexit, os
pool = ThreadPoolExecutor(5)
for _ in range(5): pool.submit(time.sleep, 0.05)
"""

    (reason,) = reasons_after(module)

    assert reason.startswith("5 threads running (ThreadPoolExecutor-0_0, ")
    assert reason.endswith(" and 2 more)")


@pytest.mark.parametrize("family", ["AF_INET", "AF_INET6"])
def test_a_connection_is_named_with_its_peer(family: str) -> None:
    host = "127.0.0.1" if family == "AF_INET" else "::1"
    module = f"""
import socket, sys
try:
    server = socket.create_server(({host!r}, 0), family=socket.{family})
except OSError:
    print('["no such network"]'); sys.exit()
client = socket.create_connection(server.getsockname()[:2])
"""

    reasons = reasons_after(module)

    assert reasons == ["no such network"] or reasons[0].startswith(f"1 connection open (to {host}:")


def test_a_local_connection_of_our_own_is_detected_and_an_inherited_one_is_not() -> None:
    pair = "import socket; a, b = socket.socketpair()"

    assert reasons_after(pair) == ["2 connections open (to a local socket and to a local socket)"]
    assert reasons_after(pair + "; a.set_inheritable(True); b.set_inheritable(True)") == []


def test_a_gpu_is_detected_by_its_device(monkeypatch: pytest.MonkeyPatch) -> None:
    from flagstone.compute.process import fork_safety

    monkeypatch.setattr(fork_safety, "_GPU", ("/dev/zero",))
    with open("/dev/zero", "rb"):
        assert "a GPU context open (/dev/zero)" in fork_safety.reasons()
    assert not any("GPU" in reason for reason in fork_safety.reasons())
