"""How long each single task of the flow's latest run took by its own record, and what it wrote down about itself.

Argument: the flow's name. Prints a list of {"seconds": ..., "making": ..., "touching": ...}, the first task first.
"""

import json
import sys

from flagstone import Flow, namespace

namespace(None)
run = Flow(sys.argv[1]).latest_run
if run is None:
    raise SystemExit("there is no run")
found = []
for task in (part.task for part in run):
    begun, ended = task.created_at, task.finished_at
    if ended is None:
        raise SystemExit(f"{task.pathspec} is not finished")
    kept = {artifact.id: artifact for artifact in task}
    own = {name: kept[name].data for name in ("making", "touching") if name in kept}
    found.append((begun, {"seconds": (ended - begun).total_seconds()} | own))
print(json.dumps([times for _, times in sorted(found, key=lambda pair: pair[0])]))
