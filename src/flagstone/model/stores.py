"""Where blobs lie, as a run tells it to its tasks."""

from msgspec import Struct

MEBIBYTE = 1 << 20
GIBIBYTE = 1 << 30


class StorePlace(Struct, frozen=True):
    """The store of blobs of a home."""

    url: str = ""  # as in s3://bucket/prefix; empty: the home itself
    cache: int = 20 * GIBIBYTE  # bytes; how much of a store elsewhere is kept on this machine
    patience: float = 60.0  # seconds that an operation is tried again while the store does not answer
