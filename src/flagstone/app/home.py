"""The directories of a home, and the part of it that task processes use."""

from pathlib import Path

from flagstone.kit.files import private_directory, publish, sync_directory
from flagstone.model.errors import NewerFormat, UnusableHome
from flagstone.store.backends.directory import DirectoryBlobStore

FORMAT = 1


def open_blobs(home: Path) -> DirectoryBlobStore:
    """The blob store of a home; all that a task process opens."""
    return DirectoryBlobStore(home / "blobs", home / "tmp")


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
