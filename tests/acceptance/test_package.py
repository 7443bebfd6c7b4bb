"""What `pip install .` installs is the whole package, and it runs without the repository."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_wheel_has_every_file_of_the_package_and_runs_a_flow(tmp_path: Path) -> None:
    wheel = built(tmp_path)
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "installed")

    output = run_hello(tmp_path)

    assert packaged(tmp_path / "installed") == packaged(ROOT / "src")
    assert "Hello, world" in output
    assert "HelloFlow/1" in output


def built(place: Path) -> Path:
    """The wheel of this tree."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", place], cwd=ROOT, check=True, timeout=120
    )
    return next(place.glob("flagstone-*.whl"))


def packaged(root: Path) -> set[str]:
    """The files under `flagstone/` that are not made by Python itself."""
    files = (path for path in (root / "flagstone").rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix() for path in files if "__pycache__" not in path.parts}


def run_hello(place: Path) -> str:
    """Run the smallest example with what was installed, and with nothing of the repository on the path."""
    flow = place / "hello.py"
    flow.write_text((ROOT / "examples" / "hello.py").read_text("utf-8"))
    environment = {**os.environ, "PYTHONPATH": str(place / "installed"), "FLAGSTONE_HOME": str(place / "home")}
    done = subprocess.run(
        [sys.executable, flow, "run"],
        cwd=place,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout
