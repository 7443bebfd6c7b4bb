"""What a program that starts a run in another process, and that process, tell each other: three small files."""

from typing import Any

from msgspec import Struct

ASKED, BEGUN, REFUSED = "asked.json", "begun.json", "refused.json"


class Asked(Struct, frozen=True):
    """The values of parameters by name, as far as JSON has them; written before the process starts."""

    parameters: dict[str, Any]


class Begun(Struct, frozen=True):
    """The run exists: its pathspec (of a single task: the task's), and the home that it is recorded in."""

    pathspec: str
    home: str


class Refused(Struct, frozen=True):
    """Why no run began: the class of the error in `model.errors`, its fields, and the line of the user's code."""

    kind: str
    fields: dict[str, Any]
    text: str
    hint: str = ""
    file: str = ""
    line: int = 0
