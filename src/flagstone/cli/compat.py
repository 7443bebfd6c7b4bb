"""`--compat metaflow`: lets a file say another system's names, and says which of that system's variables are idle."""

import os
from collections.abc import Sequence

from flagstone.cli.output import note
from flagstone.kit import late
from flagstone.kit.text import listed
from flagstone.model.errors import InvalidSetting

OPTION = "--compat"
VARIABLE = "FLAGSTONE_COMPAT"
SYSTEMS = ("metaflow",)


def split(words: Sequence[str]) -> tuple[str | None, list[str]]:
    """The last `--compat NAME` or `--compat=NAME` among the words, and the other words."""
    found: str | None = None
    rest: list[str] = []
    left = iter(words)
    for word in left:
        if word == "--":
            rest += [word, *left]
        elif word == OPTION:
            found = next(left, "")
        elif word.startswith(f"{OPTION}="):
            found = word.partition("=")[2]
        else:
            rest.append(word)
    return found, rest


def activate(asked: str | None, *, quiet: bool) -> None:
    """Let a file say the names of the system that is asked for, or else of the one in the environment.

    Raises InvalidSetting, SetupError.
    """
    name = asked if asked is not None else os.environ.get(VARIABLE)
    if not name:
        if asked is not None:
            raise _unknown(asked, OPTION)
        return
    if name not in SYSTEMS:
        raise _unknown(name, OPTION if asked is not None else "the environment")
    late.load(f"flagstone.compat.{name}:install")()
    idle = late.load(f"flagstone.compat.{name}:without_meaning")(os.environ)
    if idle and not quiet:
        note(f"{listed(idle)} {'is' if len(idle) == 1 else 'are'} set and without meaning here")


def _unknown(name: str, source: str) -> InvalidSetting:
    hint = f"write {listed(SYSTEMS, 'or')}"
    return InvalidSetting(setting="compat", value=name, problem="there is no such system", source=source, hint=hint)
