"""What the numbers were measured on, and the interpreter that Metaflow gets."""

import hashlib
import os
import platform
import subprocess
import sys
import venv
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

LIBRARIES = ("numpy", "pandas", "pyarrow")


def describe(metaflow: str) -> dict[str, str]:
    """Cores, memory and versions. `metaflow` is the line of its requirements file."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    versions = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return {
        "machine": f"{os.cpu_count()} cores ({_processor()}), {memory / 2**30:.0f} GiB of memory, {platform.system()} "
        f"{platform.release().split('-')[0]}",
        "versions": f"Flagstone {_own_version()}, {metaflow.replace('==', ' ').capitalize()}, "
        f"Python {platform.python_version()}, {versions}",
        "load before": f"{os.getloadavg()[0]:.1f} (mean length of the run queue over one minute)",
    }


def interpreter(directory: Path, requirements: Path) -> Path:
    """A virtual environment with Metaflow and the libraries of this one, made when it is missing or outdated."""
    wanted = [*requirements.read_text().split(), *(f"{name}=={version(name)}" for name in LIBRARIES)]
    stamp = directory / "made-for"
    mark = hashlib.sha256(" ".join([sys.version, *wanted]).encode()).hexdigest()
    python = directory / "bin" / "python"
    if not stamp.exists() or stamp.read_text() != mark:
        print(f"making {directory.name} with {' '.join(wanted)}", file=sys.stderr)
        venv.create(directory, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *wanted], check=True)
        stamp.write_text(mark)
    return python


def _own_version() -> str:
    try:
        return version("flagstone")
    except PackageNotFoundError:
        return "from this tree"


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
