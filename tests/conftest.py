"""What holds for all tests."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

from flagstone.app.workspace import close_all
from flagstone.client.scope import fresh_scope
from tests.radosgw import Radosgw

# How long an example takes says something about the machine's load, not about the code.
settings.register_profile("flagstone", deadline=None)
settings.load_profile("flagstone")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What talks to S3 comes last: its client starts threads here, and no test of forking may run after that."""
    items.sort(key=lambda item: "s3_server" in getattr(item, "fixturenames", ()))


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Radosgw]:
    """A real S3 server on this machine, started once; its content is gone with it."""
    server = Radosgw(tmp_path_factory.mktemp("radosgw"))
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def _own_scope() -> Iterator[None]:
    """What a test chooses to see is forgotten after it, and every home that it read is closed."""
    with fresh_scope():
        yield
    close_all()
