"""Bodies ride while there is room; what does not fit shares one blob."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from flagstone.model.artifacts import Artifact, BlobRef, decode_artifact, encode_artifact
from flagstone.store.packing import FAN_OUT, USUAL, Budget, pack

sizes = st.dictionaries(st.from_regex(r"[a-z]{1,4}", fullmatch=True), st.integers(0, 4000), max_size=25)


def artifact(size: int) -> Artifact:
    return Artifact("pickle", "bytes", size, "", size.to_bytes(4, "big"), body=bytes([size % 251]) * size)


@given(sizes, sizes, st.sampled_from([USUAL, FAN_OUT]))
def test_the_budget_holds_and_every_body_is_where_it_is_said_to_be(
    own: dict[str, int], inherited: dict[str, int], budget: Budget
) -> None:
    packs: list[bytes] = []

    def put(bodies: Sequence[bytes]) -> BlobRef:
        packs.append(b"".join(bodies))
        return BlobRef(b"pack", len(packs[-1]))

    first = pack({name: artifact(size) for name, size in inherited.items()}, {}, USUAL, put)
    packs.clear()
    packed = pack({name: artifact(size) for name, size in own.items()}, first, budget, put)

    assert set(packed) == set(own) | set(inherited)
    assert len(packs) <= 1
    found = {name: decode_artifact(raw) for name, raw in packed.items()}
    riding = {name: one.body for name, one in found.items() if one.body is not None}
    assert sum(map(len, riding.values())) <= budget.total
    assert all(len(body) <= budget.value for body in riding.values())
    for name, size in (inherited | own).items():
        assert found[name].digest == artifact(size).digest
        if found[name].body is None and found[name].blob == BlobRef(b"pack", len(packs[0]) if packs else -1):
            start = found[name].offset
            assert packs[0][start : start + found[name].length] == artifact(size).body


def test_what_lies_in_a_blob_already_does_not_move() -> None:
    large = Artifact("array", "numpy.ndarray", 9, "", b"d", blob=BlobRef(b"b", 9), offset=0, length=9)

    packed = pack({}, {"x": encode_artifact(large)}, FAN_OUT, lambda _: BlobRef(b"never", 0))

    assert decode_artifact(packed["x"]) == large
