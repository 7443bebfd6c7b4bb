"""The tags that every run gets by itself."""

import platform

from flagstone import __version__
from flagstone.model.projects import Branch


def system_tags(user: str, project: Branch | None = None) -> tuple[str, ...]:
    """Who ran it, and with what."""
    return (
        f"user:{user}",
        f"python_version:{platform.python_version()}",
        f"flagstone_version:{__version__}",
        "runtime:local",
        *(project.tags if project is not None else ()),
    )
