"""The stores of one home, wired together in one readable function."""

from pathlib import Path

from msgspec import Struct

from flagstone.app import settings as settings_of
from flagstone.app.home import open_blobs, prepare_home
from flagstone.app.settings import Settings
from flagstone.metadata.sqlite import SqliteMetadataStore
from flagstone.ports.blob_store import BlobStore
from flagstone.ports.metadata_store import MetadataStore
from flagstone.store.artifacts import Artifacts
from flagstone.store.content import Content
from flagstone.store.logs import DirectoryLogStore


class Workspace(Struct, frozen=True):
    """Everything under one home."""

    settings: Settings
    metadata: MetadataStore
    blobs: BlobStore
    artifacts: Artifacts
    logs: DirectoryLogStore

    @property
    def home(self) -> Path:
        """The directory that holds it all."""
        return self.settings.home

    @property
    def user(self) -> str:
        """Who works here."""
        return self.settings.user


def open_workspace(settings: Settings) -> Workspace:
    """Wire the stores under `settings.home`; creates it when it is not there. Raises UnusableHome, NewerFormat."""
    home = prepare_home(settings.home)
    blobs = open_blobs(home, settings.place)
    return Workspace(
        settings=settings,
        metadata=SqliteMetadataStore(home / "flagstone.db", home / "locks"),
        blobs=blobs,
        artifacts=Artifacts(Content(blobs)),
        logs=DirectoryLogStore(home / "logs"),
    )


_opened: dict[Settings, Workspace] = {}


def default(home: str | None = None) -> Workspace:
    """The workspace of the settings as they are now, or of another home; opened once each."""
    settings = settings_of.load()
    if home is not None:
        settings = Settings(home=Path(home).expanduser().absolute(), user=settings.user, place=settings.place)
    return shared(settings)


def shared(settings: Settings) -> Workspace:
    """The workspace of these settings, opened once in each process: a program may run many flows."""
    if settings not in _opened:
        _opened[settings] = open_workspace(settings)
    return _opened[settings]


def close_all() -> None:
    """Give back what this process has opened; a home that is looked at again is opened again."""
    while _opened:
        _opened.popitem()[1].metadata.close()
