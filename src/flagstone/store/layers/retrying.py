"""A store that asks the store it holds again, a little later each time, while that does not answer."""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from flagstone.model.errors import StoreUnavailable
from flagstone.ports.blob_store import BlobStore, Buffer

FIRST = 0.1  # seconds before the second try
MOST = 5.0  # seconds between two tries

Result = TypeVar("Result")


class RetryingBlobStore:
    """Tries every operation again on StoreUnavailable, for `patience` seconds; what is refused is refused at once.

    Trying again is safe: what a key holds never changes, and a put is whole or not there.
    """

    def __init__(self, store: BlobStore, *, patience: float, pause: Callable[[float], object] = time.sleep) -> None:
        self._store = store
        self._patience = patience
        self._pause = pause
        self._random = random.Random()  # one of our own: the flow may have seeded the shared one

    def put(self, key: str, buffers: Sequence[Buffer]) -> None:
        """Store the concatenation of `buffers` under `key`, durable when this returns. Raises StoreUnavailable."""
        self._patiently(lambda: self._store.put(key, buffers))

    def has(self, key: str) -> bool:
        """Whether `key` is there. Raises StoreUnavailable."""
        return self._patiently(lambda: self._store.has(key))

    def get(self, key: str, offset: int = 0, length: int | None = None) -> memoryview:
        """The bytes of `key`, or a range of them. Raises KeyError, StoreUnavailable."""
        return self._patiently(lambda: self._store.get(key, offset, length))

    def map(self, key: str) -> memoryview:
        """The bytes of `key` as writable private memory. Raises KeyError, StoreUnavailable."""
        return self._patiently(lambda: self._store.map(key))

    def size(self, key: str) -> int:
        """How many bytes lie under `key`. Raises KeyError, StoreUnavailable."""
        return self._patiently(lambda: self._store.size(key))

    def is_sealed(self, key: str) -> bool:
        """Whether nobody touched `key` since it was put. Raises KeyError, StoreUnavailable."""
        return self._patiently(lambda: self._store.is_sealed(key))

    def keys(self) -> Iterator[str]:
        """Every key, in no order; listed whole before the first is given. Raises StoreUnavailable."""
        return iter(self._patiently(lambda: list(self._store.keys())))

    def delete(self, key: str) -> None:
        """Remove `key`; harmless when it is not there. Raises StoreUnavailable."""
        self._patiently(lambda: self._store.delete(key))

    def _patiently(self, ask: Callable[[], Result]) -> Result:
        wait, waited = FIRST, 0.0
        until = time.monotonic() + self._patience
        while True:
            try:
                return ask()
            except StoreUnavailable:
                if waited >= self._patience or time.monotonic() >= until:
                    raise
            pause = min(wait * self._random.uniform(0.5, 1.0), self._patience - waited)
            self._pause(pause)
            waited += pause
            wait = min(2 * wait, MOST)
