"""What the machine itself can do: a process that imported numpy and pandas forks and reaps children that only exit.

For each child one row goes durably into an SQLite database, as a record of its end would.
Arguments: how many children, how many at a time, the directory for the database. Prints one JSON value.
"""

import json
import os
import sqlite3
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd


def measure(children: int, flight: int, database: Path) -> float:
    """Seconds for so many children, `flight` of them at a time."""
    database.unlink(missing_ok=True)
    connection = sqlite3.connect(database, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE task (pid INTEGER, status INTEGER)")
    begun = time.perf_counter()
    running = 0
    for _ in range(children):
        if os.fork() == 0:
            os._exit(0)
        running += 1
        if running == flight:
            connection.execute("INSERT INTO task VALUES (?, ?)", os.wait())
            running -= 1
    for _ in range(running):
        connection.execute("INSERT INTO task VALUES (?, ?)", os.wait())
    seconds = time.perf_counter() - begun
    connection.close()
    return seconds


if __name__ == "__main__":
    count, at_once = int(sys.argv[1]), int(sys.argv[2])
    took = measure(count, at_once, Path(sys.argv[3]) / "limit.db")
    print(json.dumps({"tasks_per_second": count / took, "with": [np.__version__, pd.__version__]}))
