"""Old stored values as artifacts: their pickles stay as they are, what they are is said without loading them."""

import pickle
import re
from pathlib import PurePosixPath
from typing import Any

import msgspec
from msgspec import Raw

from flagstone.app.migration import inert
from flagstone.app.migration.layout import Blob, Damaged, OldAttempt, unpacked
from flagstone.kit import text
from flagstone.kit.digest import digest_of
from flagstone.model.artifacts import Artifact, Manifest, decode_artifact, decode_manifest, encode_manifest
from flagstone.ports.artifact_store import Stored
from flagstone.store.artifacts import MAX_MANIFEST, Artifacts
from flagstone.store.description import preview

THEIR_PICKLE = "metaflow"  # the serializer that loads what Metaflow stored
INCLUDED = "metaflow.includefile.IncludedFile"

# What the system keeps among the artifacts of every task for itself.
THEIRS = frozenset(
    {"name", "_graph_info", "_task_ok", "_success", "_transition", "_current_step", "_exception", "_configs_processed"}
    | {"_foreach_var", "_foreach_num_splits", "_foreach_stack", "_foreach_values", "_iteration_stack", "_is_cloned"}
    | {"_origin_run_id", "_unbounded_foreach", "_control_mapper_tasks", "_control_task_is_mapper_zero"}
    | {"_parallel_ubf_iter", "_cached_input", "_catch_exception"}
)

_CLASS = re.compile(r"<class '(.+)'>")
_SHOWN_FROM = 64 << 10  # bytes; a larger pickle is not read for a preview
_REST = (ValueError, TypeError)


class Values:
    """The values of one flow's runs, each stored once."""

    def __init__(self, artifacts: Artifacts) -> None:
        self._artifacts = artifacts
        self._known: dict[tuple[str, str], Raw] = {}  # by flow and their digest

    def manifest(self, attempt: OldAttempt, leave_out: frozenset[str] = frozenset()) -> tuple[bytes, bytes]:
        """An encoded manifest of the attempt's artifacts, but for those to leave out, and its digest.

        The bytes are empty when they lie in the blob store under the digest. Raises Damaged.
        """
        wanted = {name: blob for name, blob in attempt.blobs.items() if name not in THEIRS and name not in leave_out}
        encoded = self._manifest(attempt, wanted)
        if len(encoded) > MAX_MANIFEST:
            return b"", self._artifacts.keep_manifest(encoded).digest
        return encoded, digest_of(encoded)

    def constants(self, attempt: OldAttempt | None) -> bytes:
        """An encoded manifest of a run's parameters and class constants. Raises Damaged."""
        wanted = {} if attempt is None else {n: blob for n, blob in attempt.blobs.items() if n not in THEIRS}
        return encode_manifest(Manifest()) if attempt is None else self._manifest(attempt, wanted)

    def _manifest(self, attempt: OldAttempt, wanted: dict[str, Blob]) -> bytes:
        flow = attempt.task.run.flow
        new: dict[str, Stored] = {}
        known: dict[str, Raw] = {}
        for name, blob in wanted.items():
            found = self._known.get((flow, blob.sha))
            if found is None:
                new[name] = stored(attempt, name, blob)
            else:
                known[name] = found
        encoded = self._artifacts.adopt(new, known)
        for name, raw in decode_manifest(encoded).artifacts.items():
            if name in new:
                self._known[flow, wanted[name].sha] = raw
        return encoded

    def texts(self, constants: bytes, names: list[str]) -> dict[str, str]:
        """The values of parameters as JSON text, or as their previews where JSON cannot say them."""
        manifest = decode_manifest(constants)
        found = ((name, manifest.artifacts.get(name)) for name in names)
        return {name: self._text(decode_artifact(raw)) for name, raw in found if raw is not None}

    def _text(self, artifact: Artifact) -> str:
        if artifact.size <= _SHOWN_FROM:
            try:
                return msgspec.json.encode(inert.load_plain(self._artifacts.body(artifact)), order="sorted").decode()
            except (*inert.PICKLE_ERRORS, *_REST):
                pass
        return msgspec.json.encode(artifact.preview).decode()


def stored(attempt: OldAttempt, name: str, blob: Blob) -> Stored:
    """A value as it is taken over. Raises Damaged."""
    kind = _kind(blob.type)
    data = attempt.data(blob)
    if kind == INCLUDED:
        value = _included(attempt, name, data)
        body = pickle.dumps(value, 5)
        return Stored("pickle", type(value).__name__, preview(value, len(body)), body)
    return Stored(THEIR_PICKLE, kind, _shown(kind, data), data)


def _kind(told: str) -> str:
    match = _CLASS.fullmatch(told)
    return (match[1] if match else told or "object").removeprefix("builtins.")


def _shown(kind: str, data: bytes) -> str:
    """A preview, of plain data only: nothing else can be looked at without running its code."""
    if len(data) <= _SHOWN_FROM:
        try:
            return preview(inert.load_plain(data), len(data))
        except inert.PICKLE_ERRORS:
            pass
    return f"<{kind}, {text.size(len(data))}>"


def _included(attempt: OldAttempt, name: str, data: bytes) -> Any:
    """The content of an included file: the value is only the place where it lies. Raises Damaged."""
    try:
        told = inert.load(data).state["_descriptor"]
        place = PurePosixPath(str(told["url"]))
        text_of = str(told.get("encoding") or "utf-8") if told.get("is_text") else None
    except (*inert.PICKLE_ERRORS,) as error:
        raise Damaged(f"{name} of {attempt.task} is not an included file: {error}") from None
    root = attempt.task.run.directory.root
    content = unpacked(root / "data" / attempt.task.run.flow / place.name)
    try:
        return content.decode(text_of) if text_of is not None else content
    except (UnicodeDecodeError, LookupError) as error:
        raise Damaged(f"{name} of {attempt.task} is not a text in {text_of}: {error}") from None
