"""Manifests and splits as data."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flagstone.model.artifacts import (
    EMPTY_MANIFEST,
    Artifact,
    BlobRef,
    Manifest,
    Split,
    decode_artifact,
    decode_manifest,
    encode_artifact,
    encode_manifest,
)

artifacts = st.builds(
    Artifact,
    serializer=st.text(max_size=10),
    type=st.text(max_size=10),
    size=st.integers(0, 2**40),
    preview=st.text(max_size=20),
    digest=st.binary(min_size=32, max_size=32),
    body=st.none() | st.binary(max_size=50),
    blob=st.none() | st.builds(BlobRef, st.binary(min_size=32, max_size=32), st.integers(0, 2**40)),
)


@given(named=st.dictionaries(st.text(max_size=8), artifacts, max_size=4))
def test_a_manifest_gives_back_what_was_put_in(named: dict[str, Artifact]) -> None:
    data = encode_manifest(Manifest({name: encode_artifact(artifact) for name, artifact in named.items()}))

    manifest = decode_manifest(data)

    assert {name: manifest.artifact(name) for name in manifest.artifacts} == named


def test_an_artifact_that_is_not_there_is_none() -> None:
    assert decode_manifest(EMPTY_MANIFEST).artifact("x") is None


@pytest.mark.parametrize("data", [b"", b"\xc1", b"\x91", encode_manifest(Manifest())[:-1]])
def test_damaged_bytes_are_an_error(data: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        decode_manifest(data)
    with pytest.raises(msgspec.DecodeError):
        decode_artifact(data)


def test_each_element_of_a_split_knows_its_page() -> None:
    split = Split("xs", count=5, page_size=2, offsets=(0, 10, 25, 30), body=bytes(range(30)))

    items = [split.item(index) for index in range(5)]

    assert [(item.index, item.place, item.offset, item.length) for item in items] == [
        (0, 0, 0, 10),
        (1, 1, 0, 10),
        (2, 0, 10, 15),
        (3, 1, 10, 15),
        (4, 0, 25, 5),
    ]
    assert items[2].body == bytes(range(10, 25))
    assert {item.variable for item in items} == {"xs"}


def test_the_elements_of_a_large_split_point_into_its_blob() -> None:
    blob = BlobRef(bytes(32), 30)

    item = Split("xs", count=3, page_size=2, offsets=(0, 10, 30), blob=blob).item(2)

    assert (item.body, item.blob, item.offset, item.length) == (None, blob, 10, 20)
