"""The user's source text: whole files, single lines, and paths as people read them."""

import os
import sys
from collections.abc import Mapping
from typing import Any


def text_of(file: str, namespace: Mapping[str, Any] | None = None) -> bytes | str | None:
    """The text of a source file; None when nobody has it.

    Files that exist only in memory (the cells of a notebook) are found where whoever made them registered them: in
    `linecache`, if anybody loaded it. The loader in a module's `namespace` knows those inside an archive.
    """
    try:
        with open(file, "rb") as handle:
            return handle.read()
    except (OSError, ValueError):
        pass
    cache = sys.modules.get("linecache")
    if cache is not None and file in cache.cache:
        return "".join(cache.getlines(file))
    loader = (namespace or {}).get("__loader__")
    find = getattr(loader, "get_source", None)
    if find is None:
        return None
    try:
        text = find((namespace or {}).get("__name__"))
    except ImportError:
        return None
    return text if isinstance(text, str) else None


def line_of(file: str, number: int) -> str:
    """One line without its end; empty when it cannot be had."""
    text = text_of(file)
    if text is None:
        return ""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")  # splitlines would also count form feeds
    return lines[number - 1].rstrip() if 0 < number <= len(lines) else ""


def shown(file: str) -> str:
    """A path as people read it: relative when it lies below the working directory."""
    try:
        below = os.path.join(os.getcwd(), "")
    except OSError:
        return file
    return file.removeprefix(below)
