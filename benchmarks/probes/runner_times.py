"""How long `Runner` takes for a flow, from its import to the Run, and how long the same command takes.

Argument: the flow's file. The command is run before, so that both find a home, and after.
"""

import json
import subprocess
import sys
import time


def command() -> float:
    """The seconds that the command line takes."""
    started = time.perf_counter()
    subprocess.run([sys.executable, sys.argv[1], "run"], check=True, capture_output=True)
    return time.perf_counter() - started


before = command(), command()
begun = time.perf_counter()
from flagstone import Runner  # noqa: E402 - its import belongs to what is measured

with Runner(sys.argv[1], show_output=False) as runner:
    runner.run().run  # noqa: B018 - to have the Run is a part of it
through = time.perf_counter() - begun
print(json.dumps({"runner": through, "command": min(before[1], command())}))
