"""A value to a body and large blocks of memory, and back, by the first serializer that can."""

import pickle
from collections.abc import Sequence
from typing import Any, NamedTuple

from flagstone.model.errors import FlagstoneError, UnpicklableArtifactException, UnreadableArtifact
from flagstone.store import culprit
from flagstone.store.serializers.registry import MainResolver, Registry

# Immutable, and stored best by plain pickle: most artifacts of most flows.
ATOMS = frozenset({int, float, bool, complex, str, type(None)})

_REMEDIES = {
    "generator": "a generator can be read only once: store a list of what it yields",
    "module": "import the module in the step that uses it",
}


class Encoded(NamedTuple):
    """A value as it is stored."""

    serializer: str
    body: bytes
    blocks: Sequence[memoryview] = ()

    @property
    def size(self) -> int:
        """Bytes of the body and of the blocks."""
        return len(self.body) + (sum(block.nbytes for block in self.blocks) if self.blocks else 0)


class Codec:
    """All serializers as one."""

    def __init__(self) -> None:
        self._registry = Registry()

    def encode(self, value: Any, name: str) -> Encoded:
        """The stored form. Raises UnpicklableArtifactException, which names `name` and the part of it."""
        if type(value) in ATOMS:
            return Encoded("pickle", pickle.dumps(value, 5))
        error: Exception = TypeError("no serializer takes it")
        for serializer in self._registry:
            if not serializer.claims(value):
                continue
            blocks: list[memoryview] = []
            try:
                return Encoded(serializer.name, serializer.dump(value, blocks.append), blocks)
            except Exception as refusal:  # noqa: BLE001 - a serializer may raise anything when it cannot; the next is asked
                error = refusal
        problem = culprit.describe(value, error, self._can_encode)
        hint = error.hint if isinstance(error, FlagstoneError) else _REMEDIES.get(type(value).__name__, "")
        raise UnpicklableArtifactException(name=name, problem=problem, hint=hint) from error

    def decode(self, encoded: Encoded, what: str, main: MainResolver | None = None) -> Any:
        """The value again; `main` finds what the script that stored it defined. Raises UnreadableArtifact."""
        serializer = self._registry.named(encoded.serializer)
        if serializer is None:
            raise UnreadableArtifact(
                what=what,
                problem=f"no serializer called {encoded.serializer!r} is installed",
                hint="install the package that stored it",
            )
        try:
            with self._registry.reading(main):
                return serializer.load(memoryview(encoded.body), encoded.blocks)
        except UnreadableArtifact as error:
            raise UnreadableArtifact(**error.fields | {"what": what}) from None
        except FlagstoneError:
            raise
        except ModuleNotFoundError as error:
            hint = f"install the package that provides {error.name}, or put its folder on PYTHONPATH"
            raise UnreadableArtifact(what=what, problem=str(error), hint=hint) from error
        except Exception as error:  # the value's own code runs here and may raise anything
            problem = f"{type(error).__name__}: {error}"
            hint = "read it with the versions of Python and of the packages that stored it"
            raise UnreadableArtifact(what=what, problem=problem, hint=hint) from error

    def decode_pickles(self, bodies: Sequence[bytes]) -> list[Any]:
        """The values of plain pickles. Raises UnreadableArtifact, which does not say of which."""
        try:
            return list(map(pickle.loads, bodies))
        except Exception as error:  # the values' own code runs here and may raise anything
            problem = f"{type(error).__name__}: {error}"
            raise UnreadableArtifact(what="one of many values", problem=problem) from error

    def _can_encode(self, value: Any) -> bool:
        if type(value) in ATOMS:
            return True
        for serializer in self._registry:
            try:
                if serializer.claims(value):
                    serializer.dump(value, lambda _: None)
                    return True
            except Exception:  # noqa: BLE001 - see `encode`
                continue
        return False
