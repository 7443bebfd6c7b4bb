"""Stores of blobs by the scheme of their URL: built in, or installed under the entry-point group `flagstone.stores`.

What a scheme names is called with the URL and the environment's variables, must not connect (the process may fork
yet), and returns a `BlobStore`. It raises InvalidSetting and MissingExtra.
"""

from collections.abc import Callable, Mapping

from flagstone.kit.late import installed, load
from flagstone.model.errors import InvalidSetting
from flagstone.ports.blob_store import BlobStore

GROUP = "flagstone.stores"

BUILT_IN = {
    "file": "flagstone.store.backends.directory:open_url",
    "s3": "flagstone.store.backends.s3:open_url",
}

Opener = Callable[[str, Mapping[str, str]], BlobStore]


def open_store(url: str, environment: Mapping[str, str]) -> BlobStore:
    """The store that `url` names, not connected yet. Raises InvalidSetting, MissingExtra."""
    return _opener(url)(url, environment)


def _opener(url: str) -> Opener:
    scheme, separator, _ = url.partition("://")
    found: Opener
    if separator and scheme in BUILT_IN:
        found = load(BUILT_IN[scheme])
        return found
    for point in installed(GROUP, scheme) if separator else ():
        found = point.load()
        return found
    schemes = ", ".join(f"{name}://" for name in sorted({*BUILT_IN, *(point.name for point in installed(GROUP))}))
    problem = "there is no such kind of store" if separator else "a URL is expected"
    raise InvalidSetting(
        setting="store", value=url, problem=problem, source="the settings", hint=f"there are {schemes}"
    )
