"""An old directory, as Metaflow 2.19 wrote it, and a home to bring it to."""

import tarfile
from pathlib import Path

import pytest

from flagstone.app.settings import Settings
from flagstone.app.workspace import Workspace, open_workspace

ARCHIVE = Path(__file__).parents[3] / "data" / "metaflow.tar.xz"  # four small runs, by METAFLOW_USER=ada


@pytest.fixture(scope="session")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of ada's shop, to be read only: flows, what they read, and `.metaflow`."""
    folder = tmp_path_factory.mktemp("shop")
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(folder, filter="data")
    return folder


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A new home."""
    return open_workspace(Settings(home=tmp_path / "home", user="ada"))
