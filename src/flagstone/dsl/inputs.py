"""The `inputs` of a join: its parent tasks, in the order of `self.next` or of the foreach, read lazily."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NoReturn, overload

from msgspec import Raw

from flagstone.dsl.collecting import collect
from flagstone.dsl.storing import refuse_to_be_stored
from flagstone.model.artifacts import decode_artifact, decode_manifest
from flagstone.model.errors import NoSuchArtifact, ReadOnly

if TYPE_CHECKING:  # only named in annotations: a command line starts without them
    from flagstone.dsl.task_state import Parameters
    from flagstone.model.jobs import JobInput
    from flagstone.ports.artifact_store import ArtifactStore


class Input:
    """One parent task: its artifacts as attributes, loaded when they are read."""

    _raws: dict[str, Raw]
    _where: JobInput

    def __init__(self, where: JobInput, inputs: Inputs) -> None:
        self.__dict__["_where"] = where
        self.__dict__["_inputs"] = inputs
        self.__dict__["_raws"] = decode_manifest(where.manifest).artifacts

    def __getattr__(self, name: str) -> Any:
        inputs: Inputs = self.__dict__["_inputs"]
        raw = self._raws.get(name)
        if raw is None:
            return inputs.otherwise(self._where, name)
        value = inputs.store.load(decode_artifact(raw), name=name, track=False).value
        self.__dict__[name] = value
        return value

    def __setattr__(self, name: str, value: object) -> None:
        raise ReadOnly(flow="inputs", name=name, problem="cannot be assigned: an input is what another task left")

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        refuse_to_be_stored()

    def __repr__(self) -> str:
        return f"<input from {self._where.step}/{self._where.number}: {', '.join(sorted(self._raws))}>"


class Collect:
    """`inputs.collect`; where a branch is a step of that name, also its input."""

    def __init__(self, inputs: Inputs) -> None:
        self._inputs = inputs

    def __call__(self, name: str, *more: str) -> Any:
        """The artifact called `name` of every input, in order; with `more` names, a dict of them all.

        Raises NoSuchArtifact, which says of the first input that lacks one.
        """
        inputs = self._inputs
        found = collect(inputs._inputs_where, inputs.store, (name, *more), inputs.otherwise)
        return found if more else found[name]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inputs.__getattr__("collect"), name)

    def __repr__(self) -> str:
        return "<inputs.collect(name, ...): that artifact of every input>"


class Inputs(Sequence[Input]):
    """All parent tasks of a join: `len`, indexes, slices, iteration, and `inputs.step_name`."""

    def __init__(
        self,
        where: Sequence[JobInput],
        store: ArtifactStore,
        parameters: Parameters,
        constants: dict[str, Any],
        remember: Callable[[str], Any],
    ) -> None:
        self._inputs_where = where
        self.store = store
        self.parameters = parameters
        self.constants = constants
        self.parameter = remember

    def otherwise(self, where: JobInput, name: str) -> Any:
        """What an input has although its task did not store it: a parameter or a constant. Raises NoSuchArtifact."""
        if name in self.parameters:
            return self.parameter(name)
        if name in self.constants:
            return self.constants[name]
        raise NoSuchArtifact(owner=f"the input from step {where.step!r} (task {where.number})", name=name)

    @property
    def collect(self) -> Collect:
        """`inputs.collect("score")`: that artifact of every input, in order; several names give a dict of them.

        Numbers come as a numpy array, arrays of one shape as one array with a row for each input, anything else as a
        list; without numpy all are lists.
        """
        return Collect(self)

    def __len__(self) -> int:
        return len(self._inputs_where)

    @overload
    def __getitem__(self, index: int) -> Input: ...
    @overload
    def __getitem__(self, index: slice) -> list[Input]: ...
    def __getitem__(self, index: int | slice) -> Input | list[Input]:
        if isinstance(index, slice):
            return [Input(where, self) for where in self._inputs_where[index]]
        return Input(self._inputs_where[index], self)

    def __iter__(self) -> Iterator[Input]:
        for where in self._inputs_where:
            yield Input(where, self)

    def __getattr__(self, name: str) -> Input:
        """The input that comes from the step called `name`; the last one where there are several."""
        if name.startswith("_"):
            raise AttributeError(name)
        for where in reversed(self._inputs_where):
            if where.step == name:
                return Input(where, self)
        steps = sorted({where.step for where in self._inputs_where})
        raise NoSuchArtifact(owner="inputs", name=name, hint=f"the inputs come from {', '.join(steps) or 'nowhere'}")

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        refuse_to_be_stored()

    def raws(self) -> Iterator[tuple[str, dict[str, Raw]]]:
        """For each input its step and its encoded artifacts; nothing is loaded."""
        for where in self._inputs_where:
            yield where.step, decode_manifest(where.manifest).artifacts
