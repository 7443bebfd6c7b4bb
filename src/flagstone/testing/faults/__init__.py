"""Breaks things on purpose: a process dies, a disk fails, a clock jumps, a message is lost, at an action that you name.

action: something that a process asks of the system, such as a write, a rename, a flush, a commit, a fork, a message.
role: what the process is that acts: the engine, the zygote that it forked, or a task that the zygote forked.
fault: what happens at the n-th action of a kind. power cut: the end of all processes and of what was not flushed.
"""

from flagstone.testing.faults.intercepting import inject
from flagstone.testing.faults.kinds import Action, Fault
from flagstone.testing.faults.launching import command
from flagstone.testing.faults.log import read_log
from flagstone.testing.faults.power import cuts, rebuild

__all__ = ["Action", "Fault", "command", "cuts", "inject", "read_log", "rebuild"]
