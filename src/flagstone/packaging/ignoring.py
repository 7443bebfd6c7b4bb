"""Which files a project leaves out: the patterns of its `.gitignore` and `.flagstoneignore`, as git reads them."""

import re
from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct

FILES = (".gitignore", ".flagstoneignore")


class Rule(Struct, frozen=True):
    """One line of such a file, about paths below the folder that it lies in."""

    folder: str  # from the root, with a slash at its end; empty for the root itself
    pattern: re.Pattern[str]
    keeps: bool  # the line begins with `!`
    folders_only: bool  # it ends with `/`

    def says(self, path: str, *, is_folder: bool) -> bool:
        """Whether it is about this path from the root."""
        if (self.folders_only and not is_folder) or not path.startswith(self.folder):
            return False
        return self.pattern.fullmatch(path[len(self.folder) :]) is not None


def rules_in(root: Path, folder: str) -> list[Rule]:
    """The rules of the files in one folder, which is given as it begins paths from the root."""
    found = []
    for name in FILES:
        try:
            lines = (root / folder / name).read_text("utf-8", "replace").splitlines()
        except OSError:
            continue
        found += [rule for line in lines if (rule := _rule(folder, line)) is not None]
    return found


def is_left_out(path: str, rules: Iterable[Rule], *, is_folder: bool) -> bool:
    """Whether the rules leave a path out: the last one that is about it decides."""
    left_out = False
    for rule in rules:
        if rule.says(path, is_folder=is_folder):
            left_out = not rule.keeps
    return left_out


def _rule(folder: str, line: str) -> Rule | None:
    text = line.rstrip()
    if not text or text.startswith("#"):
        return None
    keeps = text.startswith("!")
    text = text[keeps:].removeprefix("\\")
    folders_only = text.endswith("/")
    text = text.rstrip("/")
    if not text:
        return None
    anywhere = "/" not in text
    pattern = _expression(text.removeprefix("/"))
    return Rule(folder, re.compile(f"(?:.*/)?{pattern}" if anywhere else pattern, re.DOTALL), keeps, folders_only)


_TOKEN = re.compile(r"\*\*/|/\*\*\Z|\*\*|\*|\?|\[!?\]?[^]]*\]|.", re.DOTALL)
_MEANING = {"**/": "(?:.*/)?", "/**": "/.*", "**": ".*", "*": "[^/]*", "?": "[^/]"}


def _expression(glob: str) -> str:
    """A pattern of git's as a regular expression."""
    return "".join(_MEANING.get(token) or _literal(token) for token in _TOKEN.findall(glob))


def _literal(token: str) -> str:
    if len(token) < 3 or not token.startswith("["):
        return re.escape(token)
    inside = token[1:-1]
    inverted = inside.startswith("!")
    escaped = inside[inverted:].replace("\\", "\\\\").replace("[", "\\[").replace("^", "\\^")
    return f"[{'^/' if inverted else ''}{escaped}]"
