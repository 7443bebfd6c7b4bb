"""Forked tasks compute what fresh ones do, with the libraries that data scientists use, and never hang.

The limits of time are for hangs: they are far above what the slowest machine needs.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from flagstone.kit.processes import cores
from tests.unit.compute.process.test_fork_safety import reasons_after

for library in ("numpy", "pandas", "polars", "pyarrow", "sklearn", "torch", "xgboost", "matplotlib"):
    pytest.importorskip(library)

LIBRARIES = """
import numpy, pandas, polars, pyarrow, pyarrow.parquet, pyarrow.dataset, sklearn.ensemble, torch, xgboost
import matplotlib.pyplot
"""


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What each library computes in a fresh interpreter."""
    report = computed(tmp_path_factory.mktemp("spawn"), "spawn")
    results: dict[str, Any] = report["results"]["all"][0]
    return results


def computed(home: Path, isolation: str) -> dict[str, Any]:
    """What tasks of that isolation computed."""
    command = [sys.executable, "-m", "tests.acceptance.libraries", str(home), isolation]
    report: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True, timeout=300).stdout)
    return report


@pytest.mark.parametrize("isolation", ["fork", "worker"])
def test_every_library_computes_the_same_with_threads_in_forked_siblings(
    tmp_path: Path, fresh: dict[str, Any], isolation: str
) -> None:
    report = computed(tmp_path, isolation)

    assert report["notices"] == [], "merely importing these libraries leaves nothing that a fork could break"
    for library, results in report["results"].items():
        assert results == [fresh[library]] * len(results), library


def test_a_module_that_only_imports_the_libraries_may_be_forked() -> None:
    assert reasons_after(LIBRARIES) == []


@pytest.mark.skipif(cores() < 2, reason="on one core nothing is computed in parallel")
@pytest.mark.parametrize(
    "module",
    [
        "import torch; a = torch.ones(1500, 1500); a @ a",
        "import numpy, xgboost; xgboost.train({}, xgboost.DMatrix(numpy.ones((100, 2)), label=numpy.ones(100)), 2)",
        """
import numpy
from sklearn.ensemble import HistGradientBoostingClassifier
HistGradientBoostingClassifier(max_iter=2).fit(numpy.random.rand(100, 2), [0, 1] * 50)""",
        "import polars; polars.DataFrame({'a': list(range(100_000))}).sort('a')",
        "import pyarrow; pyarrow.table({'a': list(range(100))}).group_by('a').aggregate([])",
        """
import joblib
pool = joblib.Parallel(2, prefer='threads').__enter__()
pool(joblib.delayed(abs)(1) for _ in '123')""",
    ],
    ids=["torch", "xgboost", "sklearn", "polars", "pyarrow", "joblib"],
)
def test_a_module_that_computed_in_parallel_when_it_was_imported_is_detected(module: str) -> None:
    (reason,) = reasons_after(module)

    assert " running (" in reason or " native thread" in reason


def test_linear_algebra_at_import_is_harmless_since_its_threads_end_before_a_fork() -> None:
    assert reasons_after("import numpy; a = numpy.ones((1500, 1500)); a @ a") == []
