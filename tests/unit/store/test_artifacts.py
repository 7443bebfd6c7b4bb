"""Values by name: stored once, in few files, loaded as they were, and known again when nobody changed them."""

import os
import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import Raw

from flagstone.kit.digest import to_hex
from flagstone.model.artifacts import Artifact, BlobRef, Manifest, decode_artifact, decode_manifest, encode_artifact
from flagstone.model.errors import CorruptBlob, UnpicklableArtifactException, UnreadableArtifact
from flagstone.store import mappings
from flagstone.store.artifacts import MAX_MANIFEST, Artifacts
from flagstone.store.backends.memory import MemoryBlobStore
from flagstone.store.content import Content
from flagstone.store.equality import equal
from tests.unit.store.conftest import Home


class Model:
    """Something with state, equal only to itself."""

    def __init__(self, weights: Any) -> None:
        self.weights = weights
        self.names = {"a", "b", "c"}


def raws(manifest: bytes) -> dict[str, Raw]:
    return decode_manifest(manifest).artifacts


def artifacts(manifest: bytes) -> dict[str, Artifact]:
    return {name: decode_artifact(raw) for name, raw in raws(manifest).items()}


atoms = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30) | st.binary(max_size=30)
values = st.recursive(
    atoms,
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(st.text(max_size=8), inner, max_size=5)
        | st.tuples(inner, inner)
        | st.frozensets(st.integers(), max_size=5)
    ),
    max_leaves=30,
)


@given(st.dictionaries(st.from_regex(r"[a-z]{1,8}", fullmatch=True), values, max_size=8), st.booleans())
@settings(max_examples=60)
def test_any_values_come_back_equal(named: dict[str, Any], fan_out: bool) -> None:
    store = Artifacts(Content(MemoryBlobStore()))

    saved = store.save(named, inherited={}, loaded={}, fan_out=fan_out)

    loaded = {name: store.load(artifact).value for name, artifact in artifacts(saved.manifest).items()}
    assert equal(loaded, named)


def test_small_values_write_no_file(home: Home) -> None:
    home.store.save({"v": 7, "name": "x", "l": [1, 2], "d": {"a": 1.5}}, inherited={}, loaded={})

    assert home.files == 0


def test_thirty_small_values_write_one_file(home: Home) -> None:
    named = {f"a{number}": os.urandom(1500) for number in range(30)}

    saved = home.store.save(named, inherited={}, loaded={})

    assert home.files == 1
    assert len(saved.manifest) < 24 << 10
    store = home.store
    assert {name: store.load(artifact).value for name, artifact in artifacts(saved.manifest).items()} == named


def test_inherited_values_count_and_move_without_a_new_digest(home: Home) -> None:
    first = home.store.save({f"a{number}": os.urandom(1500) for number in range(9)}, inherited={}, loaded={})
    assert home.files == 0

    second = home.store.save(
        {f"b{number}": os.urandom(1500) for number in range(9)}, inherited=raws(first.manifest), loaded={}
    )

    before, after = artifacts(first.manifest), artifacts(second.manifest)
    assert home.files == 1
    assert sum(len(artifact.body or b"") for artifact in after.values()) <= 16 << 10
    assert all(after[name].digest == before[name].digest for name in before)
    assert all(home.load(after[name]).value == home.load(before[name]).value for name in before)


def test_a_manifest_that_many_tasks_inherit_stays_small(home: Home) -> None:
    first = home.store.save({f"a{number}": "x" * 500 for number in range(5)}, inherited={}, loaded={})

    second = home.store.save({"b": "y" * 500, "c": 1}, inherited=raws(first.manifest), loaded={}, fan_out=True)

    found = artifacts(second.manifest)
    assert [name for name, artifact in found.items() if artifact.body is not None] == ["c"]
    assert home.files == 1


def test_unchanged_inherited_artifacts_are_passed_on_byte_for_byte(home: Home) -> None:
    first = home.store.save({"a": [1, 2], "b": "text"}, inherited={}, loaded={})

    second = home.store.save({"c": 3}, inherited=raws(first.manifest), loaded={})

    assert {name: bytes(raw) for name, raw in raws(second.manifest).items() if name != "c"} == {
        name: bytes(raw) for name, raw in raws(first.manifest).items()
    }


def test_a_large_manifest_is_a_blob_too(home: Home) -> None:
    saved = home.store.save({f"artifact_{number}": number for number in range(1500)}, inherited={}, loaded={})

    assert len(saved.manifest) > MAX_MANIFEST
    assert saved.blob is not None
    assert home.store.read_manifest(saved.blob) == saved.manifest
    assert home.store.read_manifest(BlobRef(saved.blob.digest, 0)) == saved.manifest, "who knows only its digest"


def test_a_value_that_cannot_be_stored_fails_alone(home: Home) -> None:
    saved = home.store.save({"good": 1, "bad": {"deep": [threading.Lock()]}, "fine": 2}, inherited={}, loaded={})

    assert set(raws(saved.manifest)) == {"good", "fine"}
    (failure,) = saved.failures
    assert isinstance(failure, UnpicklableArtifactException)
    assert failure.message_text == "self.bad cannot be persisted: ['deep'][0] is a _thread.lock"
    assert failure.hint


@pytest.mark.parametrize(
    "value",
    [
        {"a": {3, 1, 2}, "b": {"x": {"y", "z"}}},
        Model([1.5, 2.5]),
        [Model({"k": "v"})] * 3,
        np.arange(100_000.0),
        {"nested": np.arange(100_000), "small": np.arange(3)},
        Model(np.arange(200_000)),
        bytearray(b"0123456789" * 10_000),
        "text",
        (1, "a", None),
    ],
    ids=["sets", "object", "shared", "array", "nested-array", "object-with-array", "bytearray", "text", "tuple"],
)
def test_a_value_that_was_read_and_not_changed_keeps_its_artifact(home: Home, value: Any) -> None:
    first = home.save(value)
    files = home.files

    loaded = home.load(first)

    assert home.save(loaded.value, loaded) == first
    assert home.files == files


def change_list(value: Any) -> None:
    value["a"].append(4)


def change_attribute(value: Any) -> None:
    value["m"].names.add("d")


def change_array(value: Any) -> None:
    value["n"][-1] += 1


def change_compressed_array(value: Any) -> None:
    value["z"][0] += 1


@pytest.mark.parametrize("change", [change_list, change_attribute, change_array, change_compressed_array])
def test_a_value_that_was_changed_in_place_is_stored_anew(home: Home, change: Any) -> None:
    noise = np.random.default_rng(0).random(300_000)
    first = home.save({"a": [1], "m": Model(1), "n": noise, "z": np.zeros(300_000)})
    loaded = home.load(first)

    change(loaded.value)
    second = home.save(loaded.value, loaded)

    assert second.digest != first.digest
    changed, original = home.load(second).value, home.load(first).value
    assert (changed["a"], changed["m"].names) == (loaded.value["a"], loaded.value["m"].names)
    assert np.array_equal(changed["n"], loaded.value["n"])
    assert np.array_equal(changed["z"], loaded.value["z"])
    assert np.array_equal(original["n"], noise)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells which mapped pages were written to")
def test_a_mapped_array_that_was_only_read_is_not_hashed_again(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    first = home.save(np.random.default_rng(0).random(300_000))
    loaded = home.load(first)
    assert loaded.value[1000:2000].sum() > 0

    monkeypatch.setattr(Content, "matches", lambda *_: pytest.fail("the array was hashed"))
    monkeypatch.setattr(Content, "keep", lambda *_: pytest.fail("the array was stored"))

    assert home.save(loaded.value, loaded) == first


def test_without_the_kernels_help_the_array_is_hashed(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mappings, "clean", lambda _: set())
    first = home.save(np.random.default_rng(0).random(300_000))
    loaded = home.load(first)

    assert home.save(loaded.value, loaded) == first
    loaded.value[7] = 0
    assert home.save(loaded.value, loaded).digest != first.digest


def test_a_loaded_array_can_be_written_to(home: Home) -> None:
    for size in (10, 10_000, 300_000):
        for array in (np.zeros(size), np.random.default_rng(0).random(size)):
            loaded = home.again(array)
            loaded[0] = 42
            assert loaded[0] == 42


def test_the_same_array_in_two_runs_is_one_file(home: Home) -> None:
    array = np.random.default_rng(0).random(100_000)

    assert home.save(array) == home.save(array.copy())
    assert home.files == 1


def test_a_value_that_is_not_tracked_loads_and_saves_all_the_same(home: Home) -> None:
    first = home.save({"a": [1, 2]})
    loaded = home.store.load(first, track=False)

    loaded.value["a"].append(3)

    assert home.load(home.save(loaded.value, loaded)).value == {"a": [1, 2, 3]}


# --- what an artifact says about itself ------------------------------------------------------------------------


def test_an_artifact_says_its_type_size_and_a_preview(home: Home) -> None:
    artifact = home.save({"a": 1})

    assert (artifact.type, artifact.preview) == ("dict", "{'a': 1}")
    assert artifact.size == len(artifact.body or b"")
    array = home.save(np.zeros((2000, 4), dtype=np.float32))
    assert (array.type, array.preview) == ("numpy.ndarray", "float32 (2000, 4)")
    assert array.size == 32_000 + len(array.body or b"")


# --- equality ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        ({"x", "y", "z"}, {"z", "y", "x"}, True),
        ([1, {"k": {1, 2}}], [1, {"k": {2, 1}}], True),
        ([1], [2], False),
        (1, 1.0, False),
        (float("nan"), float("nan"), True),
        (np.arange(5000.0), np.asfortranarray(np.arange(5000.0)), True),
        (np.arange(6).reshape(2, 3), np.asfortranarray(np.arange(6).reshape(2, 3)), True),
        (np.arange(5), np.arange(6), False),
        (np.arange(5), np.arange(5.0), False),
        (Model(1), Model(1), True),
        (Model(1), Model(2), False),
    ],
)
def test_values_are_the_same_by_what_they_hold(home: Home, one: Any, other: Any, same: bool) -> None:
    assert home.store.same_value(home.save(one), home.save(other)) is same


# --- reading -----------------------------------------------------------------------------------------------------


def test_a_damaged_pack_names_the_artifact(home: Home, tmp_path: Path) -> None:
    artifact = home.save(os.urandom(5000))
    assert artifact.blob is not None
    (path,) = tmp_path.rglob(to_hex(artifact.blob.digest))
    path.chmod(0o600)
    path.write_bytes(b"!" * 5000)

    with pytest.raises(CorruptBlob, match=r"x: blob [0-9a-f]{16} has 5,000 bytes and should have"):
        home.load(artifact)


def test_a_value_whose_serializer_is_gone_says_so(home: Home) -> None:
    artifact = msgspec.structs.replace(home.save(1), serializer="torch")

    with pytest.raises(UnreadableArtifact, match="x cannot be read: no serializer called 'torch' is installed"):
        home.load(artifact)


def test_a_value_of_a_module_that_is_gone_names_the_module(home: Home) -> None:
    artifact = msgspec.structs.replace(home.save(1), body=b"cgone_module\nThing\n.")

    with pytest.raises(UnreadableArtifact, match=r"No module named 'gone_module'.*Install the package"):
        home.load(artifact)


def test_a_body_that_is_no_pickle_is_unreadable(home: Home) -> None:
    artifact = msgspec.structs.replace(home.save(1), body=b"garbage")

    with pytest.raises(UnreadableArtifact, match="x cannot be read"):
        home.load(artifact)


# --- foreach -----------------------------------------------------------------------------------------------------


@given(st.lists(values, max_size=40))
@settings(max_examples=40)
def test_every_element_comes_back(items: list[Any]) -> None:
    store = Artifacts(Content(MemoryBlobStore()))

    split = store.save_items("xs", items)

    assert split.count == len(items)
    assert equal([store.load_item(split.item(index)) for index in range(len(items))], items)


def test_few_small_elements_ride_along(home: Home) -> None:
    split = home.store.save_items("xs", range(1000))

    assert split.blob is None
    assert home.files == 0
    assert home.store.load_item(split.item(999)) == 999


def test_many_elements_are_one_file_of_which_a_task_reads_a_page(home: Home) -> None:
    items = [random.Random(number).randbytes(200) for number in range(5000)]

    split = home.store.save_items("xs", iter(items))

    assert split.body is None
    assert home.files == 1
    assert split.item(4321).length < 100 << 10
    assert [home.store.load_item(split.item(index)) for index in (0, 127, 128, 4999)] == [
        items[index] for index in (0, 127, 128, 4999)
    ]


def test_a_generator_is_consumed_once_and_in_order(home: Home) -> None:
    seen: list[int] = []

    def numbers() -> Iterator[int]:
        for number in range(300):
            seen.append(number)
            yield number

    split = home.store.save_items("xs", numbers())

    assert seen == list(range(300))
    assert [home.store.load_item(split.item(index)) for index in range(300)] == seen


def test_large_elements_are_blobs_of_their_own(home: Home) -> None:
    arrays = [np.random.default_rng(number).random(50_000) for number in range(4)]

    split = home.store.save_items("arrays", arrays)

    assert home.files == 4
    assert len(split.body or b"") < 4000
    for index, array in enumerate(arrays):
        assert np.array_equal(home.store.load_item(split.item(index)), array)


def test_a_large_element_without_blocks_is_a_blob(home: Home) -> None:
    split = home.store.save_items("texts", ["x" * 40_000, {"k": list(range(20_000))}])

    assert home.store.load_item(split.item(0)) == "x" * 40_000
    assert home.store.load_item(split.item(1)) == {"k": list(range(20_000))}


def test_an_element_that_cannot_be_stored_is_named(home: Home) -> None:
    with pytest.raises(UnpicklableArtifactException, match=r"self\.xs\[2\] cannot be persisted: it is a _thread\.lock"):
        home.store.save_items("xs", [1, 2, threading.Lock()])


def test_functions_can_be_elements(home: Home) -> None:
    split = home.store.save_items("functions", [lambda x: x + 1, lambda x: x * 2])

    assert [home.store.load_item(split.item(index))(10) for index in range(2)] == [11, 20]


def test_a_damaged_page_is_found(home: Home, tmp_path: Path) -> None:
    split = home.store.save_items("xs", [random.Random(number).randbytes(200) for number in range(1000)])
    assert split.blob is not None
    (path,) = tmp_path.rglob(to_hex(split.blob.digest))
    path.chmod(0o600)
    with path.open("r+b") as file:
        file.seek(split.offsets[3] + 500)
        file.write(b"!!!!")

    assert home.store.load_item(split.item(0))
    with pytest.raises(CorruptBlob, match=r"xs\[\d+\]"):
        home.store.load_item(split.item(3 * split.page_size))


def test_no_elements_are_no_pages(home: Home) -> None:
    split = home.store.save_items("xs", [])

    assert (split.count, split.body, split.offsets) == (0, b"", (0,))


# --- another process ----------------------------------------------------------------------------------------------

SCRIPT = """
import sys
from pathlib import Path
from flagstone.model.artifacts import decode_manifest
from flagstone.store.artifacts import Artifacts
from flagstone.store.backends.directory import DirectoryBlobStore
from flagstone.store.content import Content

class Pipeline:
    def __init__(self, function): self.function = function

def double(x): return x * FACTOR

FACTOR = 2
root = Path(sys.argv[1])
store = Artifacts(Content(DirectoryBlobStore(root / "blobs", root / "tmp")))
values = {"function": double, "pipeline": Pipeline(3), "by_lambda": lambda x: x + FACTOR, "kind": Pipeline}
saved = store.save(values, inherited={}, loaded={})
assert not saved.failures
back = {name: store.load(decode_manifest(saved.manifest).artifact(name)) for name in values}
assert isinstance(back["pipeline"].value, Pipeline) and back["kind"].value is Pipeline
(root / "manifest").write_bytes(saved.manifest)
"""


def test_functions_of_a_script_are_read_elsewhere_and_its_classes_are_found_by_who_knows_them(
    home: Home, tmp_path: Path
) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    subprocess.run([sys.executable, str(script), str(tmp_path)], check=True)
    found = artifacts((tmp_path / "manifest").read_bytes())

    assert home.load(found["function"]).value(21) == 42
    assert home.load(found["by_lambda"]).value(40) == 42
    with pytest.raises(UnreadableArtifact, match=r"x cannot be read: Pipeline was defined in the script.*Import it"):
        home.load(found["pipeline"])
    other: dict[str, type] = {"Pipeline": type("Pipeline", (), {})}
    value = home.store.load(found["pipeline"], main=lambda name: other[name]).value
    assert (type(value), value.function) == (other["Pipeline"], 3)


HASHES = """
import sys
from flagstone.model.artifacts import decode_manifest
from flagstone.store.artifacts import Artifacts
from flagstone.store.backends.memory import MemoryBlobStore
from flagstone.store.content import Content
store = Artifacts(Content(MemoryBlobStore()))
value = {"numbers": [1, 2.5], "text": "x", "nested": {"b": None, "a": (True, b"bytes")}}
print(decode_manifest(store.save({"x": value}, inherited={}, loaded={}).manifest).artifact("x").digest.hex())
"""


def test_equal_values_have_equal_digests_in_every_process() -> None:
    digests = {
        subprocess.run(
            [sys.executable, "-c", HASHES], env={**os.environ, "PYTHONHASHSEED": seed}, check=True, capture_output=True
        ).stdout
        for seed in ("1", "2")
    }

    assert len(digests) == 1


@given(values)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_value_that_is_not_changed_is_known_again(value: Any) -> None:
    store = Artifacts(Content(MemoryBlobStore()))
    manifest = store.save({"x": value}, inherited={}, loaded={}).manifest
    loaded = store.load(artifacts(manifest)["x"])

    assert store.save({"x": loaded.value}, inherited={}, loaded={"x": loaded}).manifest == manifest


def test_a_manifest_round_trips_its_artifacts(home: Home) -> None:
    artifact = home.save([1, 2, 3])

    assert decode_artifact(encode_artifact(artifact)) == artifact
    assert Manifest({"x": encode_artifact(artifact)}).artifact("y") is None
