"""A task's numeric libraries get as many threads as its claim on cores, so that siblings do not fight for them."""

import math
import os
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any, Final

# Read by libraries when they are loaded or first used, and by a task's own subprocesses.
VARIABLES: Final = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "POLARS_MAX_THREADS",
    "NUMEXPR_MAX_THREADS",
    "RAYON_NUM_THREADS",
)

# Modules that bring native thread pools; without any of them there is nothing to look for.
_NATIVE: Final = ("numpy", "scipy", "torch", "sklearn", "xgboost", "lightgbm", "mkl", "faiss", "cv2")


def of_claim(cpu: float) -> int:
    """How many threads a claim on `cpu` cores is worth: rounded up, at least one."""
    return max(1, math.ceil(cpu))


def environment(count: int) -> dict[str, str]:
    """The variables that tell libraries in a fresh interpreter to use `count` threads."""
    return dict.fromkeys(VARIABLES, str(count))


class ThreadLimit:
    """Limits the libraries that this process has loaded, and by variables those that it will load.

    Looking for them costs milliseconds: build it once, before the forks. A limit that stands already costs nothing.
    """

    def __init__(self) -> None:
        self._setters = _setters()
        self._count = 0

    def apply(self, count: int) -> None:
        """Let every library use `count` threads."""
        if count == self._count:
            return
        self._count = count
        os.environ.update(environment(count))
        for setter in self._setters:
            setter(count)


def _setters() -> list[Callable[[int], Any]]:
    setters: list[Callable[[int], Any]] = []
    if any(name in sys.modules for name in _NATIVE):
        pools = import_module("threadpoolctl").ThreadpoolController().lib_controllers
        setters.extend(pool.set_num_threads for pool in pools)
    if "torch" in sys.modules:
        setters.append(sys.modules["torch"].set_num_threads)
    if "pyarrow" in sys.modules:
        setters.append(sys.modules["pyarrow"].set_cpu_count)
    return setters
