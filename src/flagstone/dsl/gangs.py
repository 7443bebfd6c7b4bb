"""What a task of a gang knows of the others: `current.parallel`."""

from typing import NamedTuple


class Parallel(NamedTuple):
    """The gang that a task belongs to."""

    main_ip: str  # where node 0 can be reached
    num_nodes: int
    node_index: int  # from 0; node 0 is the control task
    control_task_id: str
