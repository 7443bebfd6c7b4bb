"""List the tasks of `work` in the latest run of a flow and read the artifact `value` of each.

Argument: the flow's name. Prints the seconds that took, without the import, and the number of tasks.
"""

import json
import sys
import time

from flagstone import Flow, namespace

namespace(None)
begun = time.perf_counter()
run = Flow(sys.argv[1]).latest_run
values = [] if run is None else [task["value"].data for task in run["work"]]
seconds = time.perf_counter() - begun
if sorted(values) != list(range(len(values))):
    raise SystemExit("the values that were read are not those that were stored")
print(json.dumps({"seconds": seconds, "tasks": len(values)}))
