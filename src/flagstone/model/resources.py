"""What a task asks of a machine, what a machine has, and whether one fits into the other."""

from msgspec import Struct

MEBIBYTE = 1 << 20


class Resources(Struct, frozen=True):
    """Cores (may be fractional), mebibytes of memory, graphics processors; zero means: no claim."""

    cpu: float = 1
    memory: int = 0
    gpu: int = 0

    def fits(self, free: "Resources") -> bool:
        """Whether `free` has room for this."""
        return self.cpu <= free.cpu + 1e-9 and self.memory <= free.memory and self.gpu <= free.gpu

    def plus(self, other: "Resources") -> "Resources":
        """Both together."""
        return Resources(self.cpu + other.cpu, self.memory + other.memory, self.gpu + other.gpu)

    def minus(self, other: "Resources") -> "Resources":
        """What is left of this without `other`."""
        return Resources(self.cpu - other.cpu, self.memory - other.memory, self.gpu - other.gpu)

    def lacking(self, have: "Resources") -> tuple[str, str] | None:
        """The first thing of which `have` can never offer enough, as (asked, have) in words; None when it fits."""
        if self.memory > have.memory:
            return f"memory={self.memory} (MiB)", f"{have.memory} MiB of memory"
        if self.gpu > have.gpu:
            return f"gpu={self.gpu}", f"{have.gpu} gpus"
        if self.cpu > have.cpu:
            return f"cpu={self.cpu:g}", f"{have.cpu:g} cores"
        return None
