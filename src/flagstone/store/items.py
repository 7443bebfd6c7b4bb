"""The elements of a foreach, page by page: a task reads the page of its element and nothing else.

A page is the first bytes of its own digest, then a msgpack list with an entry an element: the bytes of a pickle, or an
encoded artifact where the element is large.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec

from flagstone.kit.digest import digest_of
from flagstone.model.artifacts import Artifact, Split

MAX_PAGE = 128  # elements
PAGE_SIZE = 64 << 10  # bytes, about

_CHECK = 16  # bytes of a page's digest

Entry = bytes | Artifact

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(list[Entry])


def paginate(variable: str, items: Iterable[Any], encode: Callable[[Any, str], Entry]) -> tuple[Split, list[bytes]]:
    """Encode every element and lay them out in pages: where they are (without body and blob), and the pages."""
    entries = [encode(item, f"{variable}[{index}]") for index, item in enumerate(items)]
    per_page = _per_page(entries)
    pages = [_page(entries[start : start + per_page]) for start in range(0, len(entries), per_page)]
    offsets = [0]
    for page in pages:
        offsets.append(offsets[-1] + len(page))
    return Split(variable, len(entries), per_page, tuple(offsets)), pages


def entry(page: memoryview | bytes, place: int) -> Entry | None:
    """The entry at `place`; None when the page is damaged."""
    check, data = bytes(page[:_CHECK]), memoryview(page)[_CHECK:]
    if digest_of(data)[:_CHECK] != check:
        return None
    entries: list[Entry] = _decoder.decode(data)
    return entries[place]


def _per_page(entries: Sequence[Entry]) -> int:
    total = sum(len(each) for each in entries if isinstance(each, bytes))
    mean = max(total // max(len(entries), 1), 1)
    return min(max(PAGE_SIZE // mean, 1), MAX_PAGE)


def _page(entries: Sequence[Entry]) -> bytes:
    data = _encoder.encode(entries)
    return digest_of(data)[:_CHECK] + data
