"""`make demo`: a model selection on real data, its winners used by a second script, and a failed run resumed."""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

from late_file import MONTHS

HERE = Path(__file__).resolve().parent
PLACE = HERE.parent / "build" / "demo"
HOME = PLACE / "home"
SALES = PLACE / "sales"
LATE = "july"


def main() -> int:
    """Run the three parts and say what was done. Returns the exit status."""
    began = time.monotonic()
    title("1. Model selection: 64 candidates on four real data sets, each a task with a process of its own")
    if call("model_selection.py", "run", "--tag", "demo") != 0:
        return 1

    title("2. Another script reads the winners, by name, and predicts with them")
    if call("predict.py") != 0:
        return 1

    title(f"3. A run that fails, on purpose: {LATE}.csv has not arrived yet")
    write_sales(without=LATE)
    if call("late_file.py", "run", "--keep-going", "--folder", str(SALES)) == 0:
        print("that run should have failed")
        return 1

    title(f"4. {LATE}.csv arrives; `resume` reads it and takes everything else over")
    write_sales()
    if call("late_file.py", "resume") != 0:
        return 1

    farewell(time.monotonic() - began)
    return 0


def call(script: str, *arguments: str) -> int:
    """Run one of the examples on the demo's own home; its exit status."""
    print(f"$ python examples/{' '.join((script, *arguments))}\n", flush=True)
    environment = {**os.environ, "FLAGSTONE_HOME": str(HOME)}
    return subprocess.run([sys.executable, str(HERE / script), *arguments], env=environment, check=False).returncode


def title(words: str) -> None:
    """A headline."""
    print(f"\n── {words} ──\n", flush=True)


def write_sales(without: str = "") -> None:
    """A year of sales, a file a month."""
    SALES.mkdir(parents=True, exist_ok=True)
    for number, month in enumerate(MONTHS):
        if month == without:
            (SALES / f"{month}.csv").unlink(missing_ok=True)
            continue
        amounts = random.Random(number)
        rows = [f"{day},{amounts.uniform(50, 500):.2f}" for day in range(1, 29)]
        (SALES / f"{month}.csv").write_text("\n".join(["day,amount", *rows, ""]))


def farewell(seconds: float) -> None:
    """What was done, where it is kept, and how to look at it."""
    print(f"""
── Done in {seconds:.1f} seconds ──

Kept in {HOME}: every run with its parameters, values and output. Look at it:

  export FLAGSTONE_HOME={HOME}
  source .venv/bin/activate
  flagstone runs                                 every run, the newest first
  flagstone show LateFileFlow/latest             what a run did, step by step
  flagstone logs LateFileFlow/1                  what its tasks printed
  flagstone dump ModelSelectionFlow/latest/end   the values that a step kept
  python -c 'from flagstone import Run; print(Run("ModelSelectionFlow/latest").data.report)'
""")


if __name__ == "__main__":
    sys.exit(main())
