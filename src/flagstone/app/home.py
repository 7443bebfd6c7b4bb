"""The directories of a home, and the part of it that task processes use."""

import contextlib
import os
from pathlib import Path

from flagstone.kit.files import private_directory, publish, sync_directory
from flagstone.model.errors import NewerFormat, UnusableHome
from flagstone.model.stores import StorePlace
from flagstone.ports.blob_store import BlobStore
from flagstone.store.backends.directory import DirectoryBlobStore
from flagstone.store.content import holds

FORMAT = 1


def open_blobs(home: Path, place: StorePlace) -> BlobStore:
    """The store of blobs of a home; all that a task process opens. Connects to nothing yet, so one may fork after it.

    Raises InvalidSetting, MissingExtra.
    """
    if not place.url:
        return DirectoryBlobStore(home / "blobs", home / "tmp")
    from flagstone.store.layers.cached import CachedBlobStore  # only where the store is elsewhere
    from flagstone.store.layers.retrying import RetryingBlobStore
    from flagstone.store.registry import open_store

    store = open_store(place.url, os.environ)
    if isinstance(store, DirectoryBlobStore):
        return store
    patient = RetryingBlobStore(store, patience=place.patience)
    return CachedBlobStore(patient, home / "cache", limit=place.cache, intact=holds)


def ask(place: StorePlace) -> None:
    """See that the store answers and lets us in, so that a run that cannot store anything does not begin.

    Raises StoreUnavailable, StoreRefused, InvalidSetting, MissingExtra.
    """
    if place.url:
        from flagstone.store.registry import open_store

        with contextlib.suppress(KeyError):
            open_store(place.url, os.environ).get("0" * 64, 0, 1)


def prepare_home(home: Path) -> Path:
    """Create a home's directories and check its format. Raises UnusableHome, NewerFormat."""
    try:
        if not home.exists():
            _create(home)
        for name in ("blobs", "logs", "locks", "tmp"):
            private_directory(home / name)
        marker = home / "FORMAT"
        if not marker.exists():
            publish(marker, [f"{FORMAT}\n".encode()])
        text = marker.read_text().strip()
    except OSError as error:
        raise UnusableHome(path=str(home), problem=error.strerror or str(error)) from None
    if not text.isdigit():
        raise UnusableHome(path=str(home / "FORMAT"), problem=f"{text[:20]!r} is not a format number")
    if int(text) > FORMAT:
        raise NewerFormat(path=str(home), found=int(text), known=FORMAT)
    return home


def _create(home: Path) -> None:
    """Make the directory, and its name survive a power cut: what is recorded in it is of no use without."""
    made = [place for place in (home, *home.parents) if not place.exists()]
    private_directory(home)
    for place in made:
        sync_directory(place.parent)
