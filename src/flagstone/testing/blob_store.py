"""What every blob store must do, as tests: bind `BlobStoreContract` to a store and run it with pytest."""

from pathlib import Path

import pytest

from flagstone.ports.blob_store import BlobStore

KEY = "ab" + "0" * 62
OTHER = "cd" + "1" * 62 + ".zst"


class BlobStoreContract:
    """Derive from this, and override `create`."""

    def create(self, folder: Path) -> BlobStore:
        """A new, empty store; `folder` is a directory of this test alone."""
        raise NotImplementedError

    @pytest.fixture
    def store(self, tmp_path: Path) -> BlobStore:
        """The store under test."""
        return self.create(tmp_path)

    def test_what_was_put_is_there_in_every_form(self, store: BlobStore) -> None:
        """Get, map, size and has agree."""
        store.put(KEY, [b"hello, ", bytearray(b"wor"), memoryview(b"ld")])

        assert store.has(KEY)
        assert bytes(store.get(KEY)) == b"hello, world"
        assert bytes(store.map(KEY)) == b"hello, world"
        assert store.size(KEY) == 12
        assert store.is_sealed(KEY)

    def test_a_range_is_as_long_as_there_are_bytes(self, store: BlobStore) -> None:
        """Ranges end with the blob."""
        store.put(KEY, [b"0123456789"])

        assert bytes(store.get(KEY, 2, 3)) == b"234"
        assert bytes(store.get(KEY, 8)) == b"89"
        assert bytes(store.get(KEY, 8, 100)) == b"89"
        assert bytes(store.get(KEY, 20, 5)) == b""
        assert bytes(store.get(KEY, 0, 0)) == b""

    def test_an_empty_blob_is_a_blob(self, store: BlobStore) -> None:
        """Nothing is something."""
        store.put(KEY, [])

        assert store.has(KEY)
        assert store.size(KEY) == 0
        assert bytes(store.get(KEY)) == bytes(store.map(KEY)) == b""

    def test_a_key_that_is_not_there_is_a_key_error(self, store: BlobStore) -> None:
        """Every question about nothing has the same answer."""
        assert not store.has(KEY)
        for question in (store.get, store.map, store.size, store.is_sealed):
            with pytest.raises(KeyError):
                question(KEY)

    def test_the_first_put_of_a_key_stays(self, store: BlobStore) -> None:
        """Blobs never change."""
        store.put(KEY, [b"first"])
        store.put(KEY, [b"second"])

        assert bytes(store.get(KEY)) == b"first"

    def test_a_map_is_writable_and_private(self, store: BlobStore) -> None:
        """Who changes mapped memory changes nobody's blob."""
        store.put(KEY, [b"0123456789"])
        mapped, again = store.map(KEY), store.map(KEY)

        mapped[0:4] = b"ABCD"

        assert bytes(mapped) == b"ABCD456789"
        assert bytes(again) == bytes(store.get(KEY)) == b"0123456789"
        assert store.is_sealed(KEY)

    def test_a_map_outlives_its_blob(self, store: BlobStore) -> None:
        """A value that someone holds stays whole when it is collected from the store."""
        store.put(KEY, [b"0123456789"])
        mapped = store.map(KEY)

        store.delete(KEY)

        assert bytes(mapped) == b"0123456789"

    def test_keys_are_all_that_are_there(self, store: BlobStore) -> None:
        """No temporary names, nothing twice."""
        assert list(store.keys()) == []

        store.put(KEY, [b"1"])
        store.put(OTHER, [b"2"])

        assert sorted(store.keys()) == [KEY, OTHER]

    def test_delete_takes_one_key_and_is_harmless_twice(self, store: BlobStore) -> None:
        """Deleting what is gone is no error."""
        store.put(KEY, [b"1"])
        store.put(OTHER, [b"2"])

        store.delete(KEY)
        store.delete(KEY)

        assert list(store.keys()) == [OTHER]

    def test_many_megabytes_come_back_as_they_were(self, store: BlobStore) -> None:
        """Sizes that fall on no boundary of blocks, from several buffers."""
        piece = bytes(range(256)) * 4099
        pieces = [piece, b"", piece[:777], piece * 9, piece[5:]]

        store.put(KEY, pieces)

        assert store.size(KEY) == sum(map(len, pieces))
        assert bytes(store.get(KEY)) == b"".join(pieces)
        assert bytes(store.get(KEY, 5_000_001, 999)) == b"".join(pieces)[5_000_001:5_001_000]
