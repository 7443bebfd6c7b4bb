"""What may be done, to which action, and what an action is: plain records."""

import shlex
from typing import Final

import msgspec
from msgspec import Struct

KINDS: Final = (
    "open",  # a file is created, or opened to be written
    "write",
    "allocate",  # room is reserved, or a file is cut
    "set",  # permissions and times
    "fsync",  # of a file or a directory
    "rename",
    "unlink",  # of a file or a directory
    "mkdir",
    "lock",
    "begin",  # a transaction of SQLite
    "statement",  # inside one
    "commit",
    "close",  # of a database
    "fork",  # in the parent
    "born",  # in the child, before anything else
    "exit",
    "send",  # a message to another process of the run
)
ROLES: Final = ("engine", "zygote", "task")
ERRORS: Final = ("ENOSPC", "EDQUOT", "EROFS", "EIO")
DEEDS: Final = ("kill", "tear", "late", "double", "lose", "clock", *ERRORS)
VICTIMS: Final = ("self", *ROLES, "all")


class Action(Struct, frozen=True):
    """One action as it was recorded: `number` counts the actions of all processes from 1."""

    number: int
    role: str
    pid: int
    kind: str
    what: str  # the path, or the descriptor of a message


class Fault(Struct, frozen=True, kw_only=True):
    """What happens at the `nth` action (from 1) that is of `kind`, by `role`, and whose path contains `where`.

    `do`: "kill" sends SIGKILL to the `victim` ("self": who acts; "task": who acts, or else the youngest task; "all")
    `when` it acts: "before" or "after". "tear" writes half and kills. An errno ("ENOSPC", "EDQUOT", "EROFS", "EIO")
    fails the action; when `lasting`, all later ones that match too. "late" waits `seconds` before it, "double" and
    "lose" are for messages, "clock" moves the wall clock by `seconds` from then on. Empty words match everything.
    """

    do: str = "kill"
    kind: str = ""
    role: str = ""
    where: str = ""
    nth: int = 1
    when: str = "before"
    victim: str = "self"
    lasting: bool = False
    seconds: float = 0.0

    def __post_init__(self) -> None:
        allowed = (
            ("do", DEEDS),
            ("kind", ("", *KINDS)),
            ("role", ("", *ROLES)),
            ("when", ("before", "after")),
            ("victim", VICTIMS),
        )
        for name, values in allowed:
            if getattr(self, name) not in values:
                known = ", ".join(value or "''" for value in values)
                raise ValueError(f"a fault has {name}={getattr(self, name)!r}; it can be {known}")
        if self.do in ("double", "lose") and self.kind != "send":
            raise ValueError(f"a fault has do={self.do!r}, which is for messages: say kind='send' as well")
        if self.nth < 1:
            raise ValueError(f"a fault has nth={self.nth}; actions count from 1")

    def concerns(self, action: Action) -> bool:
        """Whether `action` is of those that this fault counts."""
        return (
            self.kind in ("", action.kind)
            and self.role in ("", action.role)
            and (not self.where or self.where in action.what)
        )

    def words(self) -> str:
        """The fault as one text: `do=kill kind=fsync nth=3`. The inverse of `parse`."""
        given = msgspec.structs.asdict(self)
        usual = msgspec.structs.asdict(Fault())
        return shlex.join(f"{name}={value}" for name, value in given.items() if name == "do" or value != usual[name])


def parse(text: str) -> Fault:
    """A fault from `do=kill kind=fsync nth=3`. Raises ValueError."""
    given = {}
    for word in shlex.split(text):
        name, equals, value = word.partition("=")
        if not equals or name not in Fault.__struct_fields__:
            raise ValueError(f"{word!r} says nothing about a fault: write name=value, with {Fault.__struct_fields__}")
        given[name] = value.lower() if name == "lasting" else value
    return msgspec.convert(given, Fault, strict=False)
