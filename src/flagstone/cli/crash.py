"""Keeps the traceback of a bug of ours in the home, where a report can be made from it."""

import os

from flagstone.app import settings
from flagstone.kit import clock
from flagstone.kit.files import private_directory, publish
from flagstone.model.errors import FlagstoneError


def save(text: str) -> str:
    """Write a traceback to a new file; returns its path, or nothing where there is no usable home."""
    try:
        folder = private_directory(private_directory(settings.load().home) / "tmp")
        path = folder / f"crash-{int(clock.now())}-{os.getpid()}.txt"
        publish(path, [text.encode("utf-8", "backslashreplace")], durable=False)
    except (OSError, FlagstoneError):
        return ""
    return str(path)
