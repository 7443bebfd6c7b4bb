"""How many threads a task's libraries get."""

import os
import subprocess
import sys

import pytest

from flagstone.compute.process.threads import VARIABLES, ThreadLimit, environment, of_claim


@pytest.mark.parametrize(("cpu", "threads"), [(0, 1), (0.5, 1), (1, 1), (1.5, 2), (4, 4)])
def test_a_claim_is_rounded_up_to_at_least_one(cpu: float, threads: int) -> None:
    assert of_claim(cpu) == threads


def test_variables_are_set_for_what_is_loaded_later(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.setenv(name, "99")

    ThreadLimit().apply(3)

    assert {name: os.environ[name] for name in VARIABLES} == environment(3)


LIMITS = """
import numpy, pyarrow, threadpoolctl
from flagstone.compute.process.threads import ThreadLimit
limit = ThreadLimit()
for count in (1, 2):
    limit.apply(count)
    blas = {pool["num_threads"] for pool in threadpoolctl.threadpool_info() if pool["user_api"] == "blas"}
    assert blas == {count}, blas
    assert pyarrow.cpu_count() == count
"""


def test_libraries_that_are_loaded_are_limited() -> None:
    pytest.importorskip("pyarrow")

    subprocess.run([sys.executable, "-c", LIMITS], check=True, timeout=60)
