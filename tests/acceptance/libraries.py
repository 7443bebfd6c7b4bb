"""A program that imports the usual libraries, and uses each, with threads, in task processes of every kind.

Run with a home and an isolation it prints, as JSON, what each task computed and whether the module could be forked.
"""

import hashlib
import json
import sys
import time
import warnings
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import polars as pl
import torch
import xgboost
from sklearn.cluster import KMeans
from sklearn.datasets import make_classification
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression

from flagstone.compute.process import spawn
from flagstone.compute.process.backend import ProcessCompute
from flagstone.compute.process.settings import ProcessSettings
from flagstone.model.jobs import Job, RunContext
from flagstone.ports.compute import TaskRunner
from flagstone.testing.driver import Action, Driver, FunctionRunner, job, started

# Without types of their own: what they give is Any.
pa, pc, ds, pq = map(import_module, ("pyarrow", "pyarrow.compute", "pyarrow.dataset", "pyarrow.parquet"))

THREADS = 2
COPIES = 2  # of each task, so that siblings compute at the same time


def numbers(rows: int = 400, columns: int = 400) -> Any:
    """Always the same ones."""
    return np.random.default_rng(7).random((rows, columns))


def use_numpy(_: Path) -> Any:
    """Linear algebra in OpenBLAS."""
    values = numbers()
    return [np.linalg.svd(values @ values.T)[1][:3].round(4).tolist(), float(np.linalg.det(values[:50, :50]).round(4))]


def use_pandas(_: Path) -> Any:
    """Group, join and read a file through pyarrow."""
    frame = pd.DataFrame({"key": np.arange(50_000) % 97, "text": [f"t{i % 13}" for i in range(50_000)]})
    frame["value"] = np.arange(50_000) * 0.5
    joined = frame.merge(frame.groupby("key").value.sum().reset_index(), on="key")
    return [round(joined.value_y.sum(), 3), sorted(frame.text.unique())[:3], str(frame.dtypes["text"])]


def use_polars(_: Path) -> Any:
    """A lazy query on all threads."""
    frame = pl.DataFrame({"key": np.arange(100_000) % 101, "value": np.arange(100_000.0)})
    query = frame.lazy().group_by("key").agg(pl.col("value").sum()).sort("key").head(3)
    return [query.collect().rows(), frame.sort("value", descending=True)["value"][0], pl.thread_pool_size() <= THREADS]


def use_pyarrow(folder: Path) -> Any:
    """Parquet, a dataset scan and a group-by on the thread pool."""
    table = pa.table({"key": pa.array(np.arange(100_000) % 31), "value": pa.array(np.arange(100_000.0))})
    pq.write_table(table, folder / "table.parquet", row_group_size=10_000)
    read = ds.dataset(folder / "table.parquet").to_table(filter=pc.field("key") < 3, use_threads=True)
    sums = read.group_by("key").aggregate([("value", "sum")]).sort_by("key")
    return [sums.to_pylist(), pa.cpu_count()]


def use_sklearn(_: Path) -> Any:
    """OpenMP, joblib's threads and BLAS."""
    x, y = make_classification(600, 12, random_state=3)
    models = (
        HistGradientBoostingClassifier(max_iter=15, random_state=3),
        RandomForestClassifier(20, n_jobs=THREADS, random_state=3),
        LogisticRegression(max_iter=200),
    )
    scores = [round(model.fit(x, y).score(x, y), 4) for model in models]
    return [*scores, round(float(KMeans(3, n_init=2, random_state=3).fit(x).inertia_), 2)]


def use_torch(_: Path) -> Any:
    """Training steps on the CPU."""
    torch.manual_seed(5)
    net = torch.nn.Sequential(torch.nn.Linear(64, 256), torch.nn.ReLU(), torch.nn.Linear(256, 1))
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
    x = torch.randn(512, 64)
    for _step in range(5):
        optimizer.zero_grad()
        loss = (net(x) ** 2).mean()
        loss.backward()
        optimizer.step()
    return [round(loss.item(), 4), torch.get_num_threads()]


def use_xgboost(_: Path) -> Any:
    """Trees on all threads."""
    x, y = make_classification(600, 12, random_state=3)
    model = xgboost.train({"nthread": THREADS, "seed": 3, "max_depth": 3}, xgboost.DMatrix(x, label=y), 10)
    return [round(float(v), 3) for v in model.predict(xgboost.DMatrix(x))[:4]]


def use_matplotlib(folder: Path) -> Any:
    """A picture."""
    figure, axes = plt.subplots()
    axes.plot(numbers(30, 1))
    axes.set_title("π")
    figure.savefig(folder / "picture.png", metadata={"Software": None})
    plt.close(figure)
    return hashlib.blake2b((folder / "picture.png").read_bytes(), digest_size=8).hexdigest()


USES: dict[str, Callable[[Path], Any]] = {
    "numpy": use_numpy,
    "pandas": use_pandas,
    "polars": use_polars,
    "pyarrow": use_pyarrow,
    "sklearn": use_sklearn,
    "torch": use_torch,
    "xgboost": use_xgboost,
    "matplotlib": use_matplotlib,
}


def use_all(folder: Path) -> Any:
    """Each in turn."""
    return {name: use(folder) for name, use in USES.items()}


def act(task: Job) -> bytes:
    """Use the library that the step is called after."""
    warnings.simplefilter("ignore")
    use = use_all if task.step == "all" else USES[task.step]
    folder = Path(task.inputs[0].manifest.decode()) / str(task.number)
    folder.mkdir(parents=True)
    return json.dumps(use(folder)).encode()


ACTIONS: dict[str, Action] = dict.fromkeys((*USES, "all"), act)


def make_runner(context: RunContext) -> TaskRunner:
    """The runner of a fresh interpreter."""
    runner = FunctionRunner(ACTIONS)
    runner.prepare(context)
    return runner


def main(home: Path, isolation: str) -> None:
    """Run every use several times at once, and print what came of it."""
    command = (sys.executable, "-m", "tests.acceptance.libraries", "host")
    settings = ProcessSettings(workers=2, isolation=isolation, spawn_command=command)
    compute: list[ProcessCompute] = []

    def make(runner: TaskRunner) -> ProcessCompute:
        compute.append(ProcessCompute(settings, runner))
        return compute[-1]

    begun = time.perf_counter()
    with started(make, ACTIONS, home) as driver:
        results = compute_all(driver, home / isolation)
    report = {"results": results, "notices": compute[0].notices, "seconds": time.perf_counter() - begun}
    print(json.dumps(report))


def compute_all(driver: Driver, folder: Path) -> dict[str, list[Any]]:
    """What each copy of each use computed; what went wrong in its place."""
    names = ["all"] if folder.name == "spawn" else [name for _ in range(COPIES) for name in USES]
    jobs = [job(i, name, cpu=THREADS, data=str(folder).encode()) for i, name in enumerate(names, 1)]
    results: dict[str, list[Any]] = {}
    for name, end in zip(names, driver.run(*jobs, seconds=240), strict=True):
        result: Any = [end.exit, driver.output(end.log, "stderr").decode()]
        if end.report is not None:
            failure = end.report.failure
            result = failure.traceback if failure is not None else json.loads(end.report.manifest)
        results.setdefault(name, []).append(result)
    return results


if __name__ == "__main__":
    if sys.argv[1] == "host":
        spawn.serve(make_runner, sys.argv)
    main(Path(sys.argv[1]), sys.argv[2])
