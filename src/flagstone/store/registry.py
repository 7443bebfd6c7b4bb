"""Stores of blobs by the scheme of their URL: built in, or installed under the entry-point group `flagstone.stores`.

What a scheme names is called with the URL and the environment's variables, must not connect (the process may fork
yet), and returns a `BlobStore`. It raises InvalidSetting and MissingExtra.
"""

from collections.abc import Callable, Mapping

from flagstone.kit import late
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
    found: Opener | None = late.registered(scheme, BUILT_IN, GROUP) if separator else None
    if found is None:
        problem = "there is no such kind of store" if separator else "a URL is expected"
        hint = f"there are {', '.join(f'{name}://' for name in late.registered_names(BUILT_IN, GROUP))}"
        raise InvalidSetting(setting="store", value=url, problem=problem, source="the settings", hint=hint)
    return found
