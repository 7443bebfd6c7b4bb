"""What can be set about task processes on this machine."""

from msgspec import Struct


class ProcessSettings(Struct, frozen=True):
    """Parsed once at the door."""

    workers: int  # how many attempts run at once
    most_at_once: int = 0  # places for a gang, whose tasks run at the same time; 0: no more than `workers`
    isolation: str = "fork"  # "fork", "worker" or "spawn": what a job gets that does not say
    steps_fork: bool = False  # some step says fork or worker: with isolation "spawn", a zygote is needed all the same
    spawn_command: tuple[str, ...] = ()  # starts a fresh host: a descriptor and our process id are appended to it
    culprit: str = ""  # who left behind what stands in the way of a fork; empty: the flow's module, by its import
    patience: float = 2.0  # seconds that `close` grants the zygote before it is killed like everything else
