"""What Metaflow stored: its pickles, loaded as they are; only its own classes are found under our names."""

import contextlib
import io
import pickle
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from flagstone.kit import late
from flagstone.model.errors import UnreadableArtifact
from flagstone.store.serializers.pickled import MainUnpickler
from flagstone.store.serializers.registry import THEIRS, MainResolver


class MetaflowSerializer:
    """Loads, and never stores."""

    name = "metaflow"

    def __init__(self, main_resolver: MainResolver | None = None) -> None:
        self._main_resolver = main_resolver

    def claims(self, value: Any) -> bool:
        """False: values of ours have forms of their own."""
        del value
        return False

    def dump(self, value: Any, keep: Callable[[memoryview], None]) -> NoReturn:
        """Refused."""
        del keep
        raise TypeError(f"{type(value).__name__}: values are not stored in the form of another system")

    def load(self, body: memoryview, buffers: Sequence[memoryview]) -> Any:
        """The value. Raises what unpickling raises, and UnreadableArtifact for a class that is not here."""
        return _Unpickler(io.BytesIO(body), buffers, self._main_resolver).load()


class _Unpickler(MainUnpickler):
    def find_class(self, module: str, name: str, /) -> Any:
        if module != "metaflow" and not module.startswith("metaflow."):
            return super().find_class(module, name)
        ours = THEIRS.get(f"{module}:{name}")
        if ours is not None:
            return late.load(ours)
        with contextlib.suppress(ImportError, AttributeError):
            return pickle.Unpickler.find_class(self, module, name)
        raise UnreadableArtifact(
            what="it",
            problem=f"it is made of {module}.{name}, which has no counterpart here",
            hint="pip install metaflow: the value needs its own class",
        )
