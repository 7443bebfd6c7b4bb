"""`run_flow`: a whole flow in this process, on stores in memory."""

from typing import Any

from flagstone.client.run import Run
from flagstone.dsl.flow import FlowSpec
from flagstone.kit import late


def run_flow(flow: type[FlowSpec], /, **given: Any) -> Run:
    """Run a flow in milliseconds and leave nothing behind: `run_flow(MyFlow, alpha=3).data.model`.

    Steps run one after the other in this process, with all that their decorators do; artifacts are stored and loaded
    as ever, in memory. What steps print is printed, and can be read from the Run. A step with @retry is tried again at
    once, without its pause; the tasks of a gang do not run at the same time. Keywords are parameters, `tags`,
    `namespace`, `keep_going`, `max_num_splits`, `decospecs`, and `config_value={"cfg": {...}}` for its configs.

    Raises RunFailed, whose cause is the very exception of the step, or with `check=False` returns the Run all the
    same; and whatever keeps a run from beginning, as InvalidParameter and InvalidGraph.
    """
    run: Run = late.resolve("flow_in_memory")(flow, given)
    return run
