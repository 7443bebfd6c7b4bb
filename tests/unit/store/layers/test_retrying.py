"""Trying again: as long as it was said, longer each time, and never what is refused."""

from collections.abc import Callable

import pytest

from flagstone.model.errors import FlagstoneError, StoreRefused, StoreUnavailable
from flagstone.ports.blob_store import BlobStore
from flagstone.store.backends.memory import MemoryBlobStore
from flagstone.store.layers.retrying import RetryingBlobStore

KEY = "ab" * 32


class Shaky(MemoryBlobStore):
    """Fails so many times."""

    def __init__(self, failures: int, error: type[FlagstoneError] = StoreUnavailable) -> None:
        super().__init__()
        self.left = failures
        self.error = error

    def size(self, key: str) -> int:
        if self.left:
            self.left -= 1
            raise self.error(store="s3://x", problem="503")
        return super().size(key)


def test_it_waits_longer_each_time_and_then_has_it() -> None:
    shaky, pauses = Shaky(6), list[float]()
    shaky.put(KEY, [b"123"])

    assert RetryingBlobStore(shaky, patience=60, pause=pauses.append).size(KEY) == 3

    assert len(pauses) == 6
    assert pauses[5] > 4 * pauses[0]
    assert max(pauses) <= 5


def test_its_patience_ends() -> None:
    pauses = list[float]()

    with pytest.raises(StoreUnavailable):
        RetryingBlobStore(Shaky(10**6), patience=20, pause=pauses.append).size(KEY)

    assert sum(pauses) == pytest.approx(20)


def test_what_is_refused_or_missing_is_so_at_once() -> None:
    pauses = list[float]()

    with pytest.raises(StoreRefused):
        RetryingBlobStore(Shaky(1, StoreRefused), patience=60, pause=pauses.append).size(KEY)
    with pytest.raises(KeyError):
        RetryingBlobStore(MemoryBlobStore(), patience=60, pause=pauses.append).size(KEY)

    assert pauses == []


@pytest.mark.parametrize(
    "ask",
    [
        lambda store: store.put(KEY, [b"1"]),
        lambda store: store.has(KEY),
        lambda store: store.get(KEY),
        lambda store: store.map(KEY),
        lambda store: store.is_sealed(KEY),
        lambda store: list(store.keys()),
        lambda store: store.delete(KEY),
    ],
)
def test_every_operation_is_tried_again(ask: Callable[[BlobStore], object]) -> None:
    class Once:
        """Every operation fails the first time."""

        def __init__(self) -> None:
            self.asked = 0
            self.store = MemoryBlobStore()
            self.store.put(KEY, [b"1"])

        def __getattr__(self, name: str) -> object:
            self.asked += 1
            if self.asked == 1:
                raise StoreUnavailable(store="s3://x", problem="503")
            return getattr(self.store, name)

    once = Once()

    ask(RetryingBlobStore(once, patience=60, pause=lambda _: None))  # type: ignore[arg-type]

    assert once.asked == 2
