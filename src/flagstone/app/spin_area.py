"""Where spins lie: a small home inside the home, which shares its values, is never listed, and forgets old spins."""

import contextlib
import os
from pathlib import Path

import msgspec

from flagstone.app.home import prepare_home
from flagstone.app.settings import Settings
from flagstone.app.workspace import Workspace, open_workspace
from flagstone.kit import late
from flagstone.kit.files import private_directory
from flagstone.model.errors import UnusableHome
from flagstone.model.records import RunQuery
from flagstone.ports.workspace import SPIN_AREA

KEPT = 20  # spins


def area_of(home: Path) -> Path:
    """The spin area of a home."""
    return home / SPIN_AREA


def open_area(settings: Settings) -> Workspace:
    """The stores of the spin area: their own records and logs, the values of the home. Raises UnusableHome."""
    area = area_of(settings.home)
    try:
        private_directory(area)
        for shared in ("blobs", *(["cache"] if settings.place.url else [])):
            private_directory(settings.home / shared)
            with contextlib.suppress(FileExistsError):
                os.symlink(os.path.join(os.pardir, shared), area / shared, target_is_directory=True)
    except OSError as error:
        raise UnusableHome(path=str(area), problem=error.strerror or str(error)) from None
    prepare_home(area)
    return open_workspace(msgspec.structs.replace(settings, home=area))


def forget_old(area: Workspace) -> None:
    """Keep the newest spins: the records and the output of older ones go. A spin that runs stays."""
    for run in area.metadata.runs(RunQuery(offset=KEPT)):
        if run.state.finished:
            area.metadata.forget(run.id)
            late.load("shutil:rmtree")(area.home / "logs" / run.id.flow / str(run.id.number), ignore_errors=True)
