"""`@parallel`: tells a task of a gang, in the environment and in `current`, which node it is."""

import os
from typing import ClassVar

from flagstone.dsl.gangs import Parallel
from flagstone.engine.attempt import Attempt, Proceed
from flagstone.model.declarations import Parallel as ParallelMark
from flagstone.model.declarations import PytorchParallel
from flagstone.model.declaring import Declaration

MAIN = "127.0.0.1"  # the tasks of a gang share this machine


def gang_of(attempt: Attempt) -> Parallel | None:
    """The gang of an attempt; its tasks have numbers in a row, that of node 0 first."""
    if attempt.step.declared(ParallelMark) is None or not attempt.job.items:
        return None
    node = attempt.job.items[-1]
    return Parallel(MAIN, node.count, node.index, str(attempt.job.number - node.index))


class TellGang:
    """Sets the variables for the time of an attempt."""

    understands: ClassVar[tuple[type[Declaration], ...]] = (ParallelMark,)

    def wrap(self, attempt: Attempt, proceed: Proceed) -> None:
        """Run with the variables set."""
        gang = gang_of(attempt)
        if gang is None:
            proceed()
            return
        facts = {
            "MF_PARALLEL_MAIN_IP": gang.main_ip,
            "MF_PARALLEL_NUM_NODES": str(gang.num_nodes),
            "MF_PARALLEL_NODE_INDEX": str(gang.node_index),
            "MF_PARALLEL_CONTROL_TASK_ID": gang.control_task_id,
        }
        torch = attempt.step.declared(PytorchParallel)
        if torch is not None:
            facts |= _for_torch(attempt, gang, torch.master_port)
        before = {name: os.environ.get(name) for name in facts}
        os.environ.update(facts)
        try:
            proceed()
        finally:
            for name, value in before.items():
                if value is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = value


PORTS = 20_000  # from this number on, as many ports are chosen from: every gang of a run gets its own


def _for_torch(attempt: Attempt, gang: Parallel, port: int | None) -> dict[str, str]:
    """What `torch.distributed` reads, with one process a node."""
    chosen = PORTS + (attempt.context.run.number * 1009 + int(gang.control_task_id)) % PORTS
    rank, size = str(gang.node_index), str(gang.num_nodes)
    return {
        "MASTER_ADDR": gang.main_ip,
        "MASTER_PORT": str(port or chosen),
        "NODE_RANK": rank,
        "RANK": rank,
        "WORLD_SIZE": size,
        "NUM_NODES": size,
    }
