"""`profile`: how long a block of code takes, printed or added up."""

import time
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager


@contextmanager
def profile(label: str, stats_dict: MutableMapping[str, int] | None = None) -> Iterator[None]:
    """`with profile("load"):` prints how many milliseconds the block took; with `stats_dict` it adds them there."""
    if stats_dict is None:
        print(f"PROFILE: {label} starting")
    began = time.perf_counter()
    try:
        yield
    finally:
        took = int((time.perf_counter() - began) * 1000)
        if stats_dict is None:
            print(f"PROFILE: {label} completed in {took}ms")
        else:
            stats_dict[label] = stats_dict.get(label, 0) + took
