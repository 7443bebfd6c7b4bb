"""`inputs.collect`: one artifact of every input of a join, in one pass, a page at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Raw

from flagstone.kit import late
from flagstone.model.artifacts import Riding, decode_artifact
from flagstone.model.errors import UnreadableArtifact
from flagstone.model.jobs import JobInput, encode_input

if TYPE_CHECKING:  # only named in annotations: a command line starts without them
    from flagstone.ports.artifact_store import ArtifactStore

PAGE = 1024  # inputs that are decoded at once: bounds the memory
_INT64 = 1 << 63
_EXACT = 1 << 53  # a float64 holds every whole number up to this one

Otherwise = Callable[[JobInput, str], Any]


def collect(
    where: Sequence[JobInput], store: ArtifactStore, names: Sequence[str], otherwise: Otherwise
) -> dict[str, Any]:
    """The values of the artifacts called `names`, in the order of the inputs `where`.

    `otherwise` gives what an input does not have itself. Raises what it raises, UnreadableArtifact, CorruptBlob.
    """
    columns = {name: Column(len(where)) for name in names}
    quick, thorough = _decoder(names, Riding), _decoder(names, Raw)
    begin = 0
    for count, data in _pages(where):
        message = b"\xdd" + count.to_bytes(4, "big") + data  # a msgpack list of so many
        try:
            page = [one.manifest.artifacts for one in quick.decode(message)]
            found = {name: store.load_riding([getattr(one, name).body for one in page]) for name in names}
        except (msgspec.ValidationError, UnreadableArtifact):
            page = [one.manifest.artifacts for one in thorough.decode(message)]
            _one_by_one(page, where[begin : begin + count], store, otherwise, columns)
        else:
            for name, values in found.items():
                columns[name].extend(values)
        begin += count
    return {name: column.result() for name, column in columns.items()}


def _one_by_one(
    page: Sequence[Any],
    where: Sequence[JobInput],
    store: ArtifactStore,
    otherwise: Otherwise,
    columns: dict[str, Column],
) -> None:
    for one, place in zip(page, where, strict=True):
        for name, column in columns.items():
            raw = getattr(one, name)
            if len(raw):
                what = f"{name} of {place.step}/{place.number}"
                column.extend([store.load(decode_artifact(raw), name=what, track=False).value])
            else:
                column.extend([otherwise(place, name)])


class Column:
    """The values of one name as they come: arrays of one shape go straight to their place in the whole."""

    def __init__(self, length: int) -> None:
        self._length = length
        self._values: list[Any] = []
        self._whole: Any = None  # an array with a place for each input, while all are alike
        self._filled = 0

    def extend(self, values: Sequence[Any]) -> None:
        """The next values."""
        if self._whole is None and (self._values or not values or not _is_plain_array(values[0])):
            self._values += values
            return
        for place, value in enumerate(values):
            if not self._fits(value):
                self._values = [] if self._whole is None else [row.copy() for row in self._whole[: self._filled]]
                self._whole = None
                self._values += values[place:]
                return
            self._whole[self._filled] = value
            self._filled += 1

    def _fits(self, value: Any) -> bool:
        if not _is_plain_array(value):
            return False
        if self._whole is None:
            self._whole = late.load("numpy:empty")((self._length, *value.shape), value.dtype)
        return bool(value.shape == self._whole.shape[1:] and value.dtype == self._whole.dtype)

    def result(self) -> Any:
        """An array where that says the same as the list, else the list."""
        if self._whole is not None:
            return self._whole
        try:
            array = late.load("numpy:array")
        except ModuleNotFoundError:
            return self._values
        kind = _number_type(self._values)
        return self._values if kind is None else array(self._values, dtype=kind)


def _number_type(values: Sequence[Any]) -> str | None:
    """The numpy type that holds all `values` exactly; None when there is none."""
    kinds = set(map(type, values))
    if kinds == {int}:
        return "int64" if min(values) >= -_INT64 and max(values) < _INT64 else None
    if kinds == {bool}:
        return "bool"
    if kinds <= {int, float}:
        return "float64" if int not in kinds or all(abs(one) <= _EXACT for one in values if type(one) is int) else None
    if kinds == {complex}:
        return "complex128"
    kind = next(iter(kinds))
    if len(kinds) == 1 and kind.__module__ == "numpy" and kind.__name__ not in _TEXTS:
        return getattr(getattr(values[0], "dtype", None), "str", None)
    return None


_TEXTS = frozenset(("ndarray", "str_", "bytes_", "void", "object_", "datetime64", "timedelta64", "ma"))


def _is_plain_array(value: Any) -> bool:
    kind = type(value)
    return kind.__name__ == "ndarray" and kind.__module__ == "numpy" and not value.dtype.hasobject


def _pages(where: Sequence[JobInput]) -> Iterable[tuple[int, bytes]]:
    """The inputs in the form in which many are kept, some at a time."""
    pages: Callable[[int], Iterator[tuple[int, bytes]]] | None = getattr(where, "pages", None)
    if pages is not None:
        return pages(PAGE)
    return (
        (len(where[start : start + PAGE]), b"".join(map(encode_input, where[start : start + PAGE])))
        for start in range(0, len(where), PAGE)
    )


def _decoder(names: Sequence[str], kind: Any) -> msgspec.msgpack.Decoder[Any]:
    """Reads a list of `InlineInput`; of the manifests only the artifacts called `names`, each as a `kind`."""
    fields = [(name, Raw, Raw()) if kind is Raw else (name, kind) for name in names]
    wanted = msgspec.defstruct("Wanted", fields, gc=False)
    manifest = msgspec.defstruct("OfManifest", [("artifacts", wanted)], array_like=True, gc=False)
    form = [("step", Raw), ("number", int), ("manifest", manifest)]
    return msgspec.msgpack.Decoder(list[msgspec.defstruct("OfInput", form, array_like=True, gc=False)])  # type: ignore[misc]
