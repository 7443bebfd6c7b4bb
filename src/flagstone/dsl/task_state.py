"""What a flow object holds while a step runs: where its values come from, what was read, where it goes next."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec import Raw

from flagstone.dsl.complaint import user_location
from flagstone.dsl.merge import merge
from flagstone.kit.text import preview
from flagstone.model.artifacts import Item, decode_artifact
from flagstone.model.errors import InvalidNextException, NoSuchArtifact, ReadOnly

if TYPE_CHECKING:  # only named in annotations: a command line starts without them
    from flagstone.dsl.inputs import Inputs
    from flagstone.model.plan import Step
    from flagstone.ports.artifact_store import ArtifactStore, Loaded

LABEL = 30  # characters of a foreach element that are shown


class Chosen(NamedTuple):
    """What `self.next` was called with."""

    targets: tuple[str, ...]
    foreach: str | None = None
    gang: int | None = None  # num_parallel
    condition: str | None = None


class Parameters:
    """The run's parameters by attribute; loaded when first read, and remembered as read by the step."""

    def __init__(self, raws: Mapping[str, Raw], store: ArtifactStore, names: frozenset[str]) -> None:
        self._raws = raws
        self._store = store
        self._names = names
        self._values: dict[str, Any] = {}

    def __contains__(self, attribute: str) -> bool:
        return attribute in self._names

    def value(self, attribute: str) -> Any:
        """The value of one parameter. Raises UnreadableArtifact, CorruptBlob."""
        if attribute not in self._values:
            artifact = decode_artifact(self._raws[attribute])
            self._values[attribute] = self._store.load(artifact, name=attribute, track=False).value
        return self._values[attribute]

    def fresh(self) -> Parameters:
        """The same with nothing loaded, so that one task's in-place changes are not seen by the next."""
        return Parameters(self._raws, self._store, self._names)


class TaskState:
    """One attempt's view of the world, behind `self`."""

    def __init__(
        self,
        step: Step,
        flow_name: str,
        store: ArtifactStore,
        parameters: Parameters,
        inherited: dict[str, Raw],
        items: Sequence[Item],
        protected: Mapping[str, str],
    ) -> None:
        self.step = step
        self.flow_name = flow_name
        self.store = store
        self.parameters = parameters
        self.inherited = inherited
        self.items = items
        self.protected = protected
        self.loaded: dict[str, Loaded] = {}
        self.reads: set[str] = set()
        self.chosen: Chosen | None = None
        self._elements: dict[int, Any] = {}

    # --- reading ---------------------------------------------------------------------------------------------

    def parameter(self, attribute: str) -> Any:
        """The value of a parameter; remembers that the step read it."""
        self.reads.add(attribute)
        return self.parameters.value(attribute)

    def load(self, name: str) -> Any:
        """An inherited artifact's value. Raises NoSuchArtifact."""
        raw = self.inherited.get(name)
        if raw is None:
            raise NoSuchArtifact(owner=f"step {self.step.name!r} of {self.flow_name}", name=name, hint=self._hint(name))
        loaded = self.store.load(decode_artifact(raw), name=name)
        self.loaded[name] = loaded
        return loaded.value

    def _hint(self, name: str) -> str:
        if self.step.joins:
            return f"in a join nothing is inherited: read inputs[0].{name}, or call self.merge_artifacts(inputs)"
        return "no step before this one assigned it"

    def element(self, depth: int) -> Any:
        """The foreach element at nesting level `depth`, 0 being the outermost; loaded once."""
        if depth not in self._elements:
            self._elements[depth] = self.store.load_item(self.items[depth])
        return self._elements[depth]

    def label(self) -> str:
        """A short preview of the innermost foreach element; empty when the step did not look at it."""
        innermost = len(self.items) - 1
        return preview(self._elements[innermost], LABEL) if innermost in self._elements else ""

    # --- writing ---------------------------------------------------------------------------------------------

    def refuse(self, name: str) -> None:
        """Say why `name` cannot be assigned. Raises ReadOnly, always."""
        problem = self.protected[name]
        raise ReadOnly(flow=self.flow_name, name=name, problem=problem, where=user_location())

    def forget(self, name: str) -> None:
        """`del self.name`: it is gone, here and downstream."""
        self.inherited.pop(name, None)
        self.loaded.pop(name, None)

    def merge(
        self, inputs: Inputs, assigned: Collection[str], exclude: list[str] | None, include: list[str] | None
    ) -> None:
        """`self.merge_artifacts(...)`: inherit what is equal in all inputs and not `assigned`. Raises MergeError."""
        there = {*assigned, *self.inherited}
        self.inherited.update(merge(inputs, self.store, there, exclude, include))

    def choose(
        self,
        targets: tuple[str, ...],
        *,
        foreach: str | None = None,
        gang: int | None = None,
        condition: str | None = None,
    ) -> None:
        """`self.next(...)`. Raises InvalidNextException for a second call."""
        if self.chosen is not None:
            raise InvalidNextException(problem=f"step {self.step.name!r} calls self.next twice", where=user_location())
        self.chosen = Chosen(targets, foreach, gang, condition)
