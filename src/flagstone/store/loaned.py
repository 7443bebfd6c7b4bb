"""The memory blocks that loaded values stand on, so that a save knows again what it need not read."""

from collections.abc import Iterable, Sequence
from mmap import mmap

from flagstone.store import mappings
from flagstone.store.content import Block, Content


class Loaned:
    """Blocks that were handed out by `Content.open`, found again by their addresses.

    Whoever holds one holds the memory, so that no address can come to mean something else.
    """

    def __init__(self, pairs: Iterable[tuple[memoryview, Block]]) -> None:
        self._pairs = [pair for pair in pairs if pair[0].nbytes]
        self._by_address: dict[int, tuple[memoryview, Block]] | None = None
        self._clean: set[int] | None = None

    def find(self, block: memoryview) -> Block | None:
        """What `block` was loaded from, if it is exactly one of these; it may have been changed since."""
        found = self._lookup(block)
        return None if found is None else found[1]

    def unchanged(self, block: memoryview, content: Content) -> Block | None:
        """What `block` was loaded from, if it still holds that: asked of the kernel first, else by its digest."""
        found = self._lookup(block)
        if found is None:
            return None
        view, known = found
        if isinstance(view.obj, mmap) and mappings.address(view) in self._clean_mappings():
            return known
        return known if content.matches(block, known) else None

    def _lookup(self, block: memoryview) -> tuple[memoryview, Block] | None:
        if not self._pairs:
            return None
        if self._by_address is None:
            addresses = ((mappings.address(pair[0]), pair) for pair in self._pairs)
            self._by_address = {address: pair for address, pair in addresses if address is not None}
        address = mappings.address(block)
        found = None if address is None else self._by_address.get(address)
        return found if found is not None and found[0].nbytes == block.nbytes else None

    def _clean_mappings(self) -> set[int]:
        if self._clean is None:
            self._clean = mappings.clean(_ranges([view for view, _ in self._pairs if isinstance(view.obj, mmap)]))
        return self._clean


def _ranges(views: Sequence[memoryview]) -> list[tuple[int, int]]:
    return [(start, view.nbytes) for view in views if (start := mappings.address(view)) is not None]
