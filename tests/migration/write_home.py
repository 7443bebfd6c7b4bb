"""Writes a home with today's code and packs it: `python -m tests.migration.write_home format-2`, once for each format.

The packed home is never written again. `tests/migration/test_frozen_homes.py` reads every one of them for ever.
"""

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
from pathlib import Path
from typing import Any

from flagstone import Flow, Metaflow, namespace
from flagstone.client import Run
from flagstone.client.scope import fresh_scope

HERE = Path(__file__).parent
HOMES = HERE / "homes"


def environment(place: Path, **more: str) -> dict[str, str]:
    """The environment of a process that works with the home of `place`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("FLAGSTONE_", "METAFLOW_"))}
    return {**kept, "FLAGSTONE_HOME": str(place / "home"), "FLAGSTONE_USER": "ada", "NO_COLOR": "1", **more}


def write(place: Path) -> None:
    """The runs: two that succeeded, one that failed, one that was resumed, one that was killed."""
    shutil.copytree(HERE / "flows", place / "work", ignore=shutil.ignore_patterns("__pycache__"))
    (place / "work" / "notes.txt").write_text("plant in spring\n" * 20)

    def run(*words: str, status: int = 0, **more: str) -> None:
        done = subprocess.run([sys.executable, *words], cwd=place / "work", env=environment(place, **more), check=False)
        assert done.returncode == status, (words, done.returncode)

    run("harvest.py", "run", "--tag", "first", "--tag", "été")
    run("harvest.py", "run", "--seed", "8", "--options", "[1]")
    run("harvest.py", "tag", "add", "--run-id", "2", "late")
    run("bridge.py", "run", status=1)
    run("bridge.py", "resume", BRIDGE_STANDS="yes")
    run("bridge.py", "run", status=1)
    killed = subprocess.Popen(
        [sys.executable, "bridge.py", "run"],
        cwd=place / "work",
        env=environment(place, WAIT_HERE="1"),
        start_new_session=True,
    )
    log = place / "home" / "logs" / "BridgeFlow" / "4"
    while not any(b"waiting" in file.read_bytes() for file in log.glob("*.out")):
        time.sleep(0.1)
    os.killpg(killed.pid, signal.SIGKILL)
    killed.wait()


def tell() -> dict[str, Any]:
    """All that the client says about the home of the environment, as JSON."""
    with fresh_scope():
        namespace(None)
        flows = sorted(flow.id for flow in Metaflow())
        return {run.pathspec: _run(run) for name in flows for run in sorted(Flow(name), key=lambda run: int(run.id))}


def _run(run: Run) -> dict[str, Any]:
    tasks = [task for step in run for task in step]
    return {
        "finished": run.finished,
        "successful": run.successful,
        "created": run.created_at.isoformat(),
        "tags": sorted(run.tags),
        "origin": run.origin_pathspec,
        "tasks": {
            task.pathspec: {
                "successful": task.successful,
                "attempt": task.current_attempt,
                "index": task.index,
                "stdout": task.stdout,
                "stderr": [line for line in task.stderr.splitlines() if "site-packages" not in line][-1:],
                "exception": str(task.exception or ""),
                "artifacts": {one.id: one.sha for one in sorted(task, key=lambda one: one.id)},
            }
            for task in sorted(tasks, key=lambda task: int(task.id))
        },
    }


def pack(place: Path, target: Path) -> None:
    """One archive that has the same bytes whenever the same files are packed: names sorted, no owners, times kept."""

    def plain(entry: tarfile.TarInfo) -> tarfile.TarInfo:
        entry.uid = entry.gid = 0
        entry.uname = entry.gname = ""
        return entry

    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:xz", preset=9) as archive:
        for path in sorted(place.rglob("*")):
            archive.add(path, path.relative_to(place).as_posix(), recursive=False, filter=plain)
    target.write_bytes(buffer.getvalue())


def main(name: str) -> None:
    """Write, tell and pack `homes/<name>.tar.xz`; refuses to write over one that is there."""
    target = HOMES / f"{name}.tar.xz"
    if target.exists():
        raise SystemExit(f"{target} is kept as it is; choose another name")
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        write(place)
        code = "import json; from tests.migration.write_home import tell; print(json.dumps(tell()))"
        told = subprocess.run(
            [sys.executable, "-c", code], env=environment(place), check=True, stdout=subprocess.PIPE, text=True
        )
        (place / "expected.json").write_text(json.dumps(json.loads(told.stdout), indent=1, ensure_ascii=False))
        pack(place, target)
    print(target, target.stat().st_size)


if __name__ == "__main__":
    main(sys.argv[1])
